import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { errorCode, PostboxError, readConfig } from "postbox";
import { declareVariables } from "../configuration/known-variables.ts";
import { isErrorCode } from "../errors/catalogue.ts";
import { PostboxRegenerator } from "../errors/regenerator.ts";
import { nearestProject } from "./project-root.ts";
import { projectVariables } from "./project-variables.ts";
import { findRevocationSource } from "./revocation-source.ts";
import { loadServiceErrors } from "./service-errors.ts";
import { servicesIn } from "./service-names.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "postbox-project-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Writes files of a project, each by its path in it. */
async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

const service = (name: string) => ({ [`services/${name}/${name}.service.ts`]: "" });
const variable = (name: string, expected: string) =>
  `export const variables = { ${name}: { purpose: "For a test.", expected: "${expected}", parse: Number } };`;

describe("the folder of a project", () => {
  test("is the nearest one with a moleculer.config.ts", async () => {
    await write({ "moleculer.config.ts": "", "services/shop/shop.service.ts": "" });
    expect(nearestProject(join(root, "services/shop"))).toBe(root);
  });

  test("is missed with a remedy where there is none", () => {
    expect(() => nearestProject(root)).toThrow(
      `There is no moleculer.config.ts in ${root} or above it. Run this inside the folder of a project.`,
    );
  });
});

test("a folder with a service file of its name is a service, and no other", async () => {
  await write({
    ...service("shop"),
    ...service("bank"),
    "services/notes/readme.md": "",
    "services/x/y.service.ts": "",
  });
  expect(servicesIn(root)).toEqual(["bank", "shop"]);
  expect(servicesIn(join(root, "services"))).toEqual([]);
});

describe("the variables of a project", () => {
  test("are those of its services and one for each database, and are read", async () => {
    await write({ ...service("shop"), "services/shop/variables.ts": variable("SHELVES", "a number") });
    const topics = await projectVariables(root);
    expect(Object.keys(topics)).toEqual(["databases", "shop service"]);
    declareVariables(topics);
    expect(readConfig({ SHELVES: "12" })).toMatchObject({ SHELVES: 12, SHOP_DATABASE: "shop" });
    expect(() => readConfig({})).toThrow("SHELVES is not set; expected a number. For a test.");
  });

  test("are refused where two services declare the same", async () => {
    await write({ ...service("shop"), ...service("bank") });
    for (const name of ["shop", "bank"])
      await write({ [`services/${name}/variables.ts`]: variable("SIZE", "a number") });
    const topics = await projectVariables(root);
    expect(() => declareVariables(topics)).toThrow(
      "The variable SIZE is declared twice, by 'bank service' and by 'shop service'. Rename one of them.",
    );
  });

  test("are refused where a service declares one of the runtime", async () => {
    await write({ ...service("shop"), "services/shop/variables.ts": variable("PORT", "a port") });
    const topics = await projectVariables(root);
    expect(() => declareVariables(topics)).toThrow(
      "The variable PORT is declared twice, by 'ports' and by 'shop service'. Rename one of them.",
    );
  });
});

describe("the error codes of a project", () => {
  const errors = (code: string) =>
    `export const errors = { "${code}": { status: 409, title: "The article is sold out", retry: "later" } };`;

  test("are those of the runtime and of its services, also over the wire", async () => {
    await write({ ...service("shop"), "libs/shop/errors.ts": errors("sold-out") });
    await loadServiceErrors(root);
    const code = "sold-out";
    if (!isErrorCode(code)) throw new Error("the code was not declared");
    const error = new PostboxError(code);
    expect(error).toMatchObject({ code: 409, message: "The article is sold out", retryable: true });
    const regenerator = new PostboxRegenerator();
    regenerator.init(new ServiceBroker({ logger: false }));
    const received = JSON.parse(JSON.stringify(regenerator.extractPlainError(error)));
    expect(errorCode(regenerator.restoreCustomError(received))).toBe("sold-out");
  });

  test("are refused where two declare the same", async () => {
    await write({ ...service("shop"), "libs/shop/errors.ts": errors("not-found") });
    await expect(loadServiceErrors(root)).rejects.toThrow(
      "libs/shop/errors.ts declares the error code 'not-found', which exists already. Choose another code.",
    );
  });
});

describe("the source of revoked tokens", () => {
  const revocations = (name: string) => ({
    ...service(name),
    [`libs/${name}/revocations.ts`]: `export const revocations = { name: "v1.${name}.revocations" };`,
  });

  test("is the action of the service that has one", async () => {
    await write({ ...service("shop"), ...revocations("bank") });
    expect(await findRevocationSource(root)).toEqual({ name: "v1.bank.revocations" });
  });

  test("may be missing", async () => {
    await write(service("shop"));
    expect(await findRevocationSource(root)).toBeUndefined();
  });

  test("is refused where two services have one", async () => {
    await write({ ...revocations("shop"), ...revocations("bank") });
    await expect(findRevocationSource(root)).rejects.toThrow(
      "libs/bank/revocations.ts and libs/shop/revocations.ts both name a source of revoked tokens.",
    );
  });
});
