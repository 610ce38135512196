import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { readConfig } from "postbox";
import { parse } from "yaml";
import { allVariables } from "../../libs/postbox/core/configuration/known-variables.ts";
import { runtimeVariables } from "../../libs/postbox/core/configuration/runtime-variables.ts";
import { edgeService } from "../../libs/postbox/core/project/edge-service.ts";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { variablesOf } from "../../libs/postbox/core/project/project-variables.ts";
import { databaseVariable, serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { serviceParts } from "../../libs/postbox/core/project/service-parts.ts";
import { natsPassword } from "../../libs/postbox/tools/compose/passwords.ts";
import { serviceFolders } from "./service-tree.ts";

interface Container {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly ports?: readonly string[];
}

let text: string;
let containers: Readonly<Record<string, Container>>;

const read = (...path: string[]) => readFileSync(join(projectRoot(), ...path), "utf8");

beforeAll(() => {
  text = read("docker-compose.yml");
  containers = parse(text, { merge: true }).services;
});

const containerOf = (part: string) => part.replace(".", "-");

test("there is a container for each service, worker and scheduler, one that migrates each database, and no other", () => {
  const expected = serviceFolders.flatMap((service) => [
    `${service}-migrate`,
    ...serviceParts(service).map(containerOf),
  ]);
  expect(Object.keys(containers).sort()).toEqual([...expected, "nats", "postgres"].sort());
});

test.each(serviceFolders.flatMap(serviceParts))(
  "the container of %s runs that service, in all versions of its API, and no other",
  (part) => {
    const [service = ""] = part.split(".");
    const container = containers[containerOf(part)];
    // An API's later versions stand below `api/`.
    const pattern =
      part === service ? `services/${service}/**/${part}.service.ts` : `services/${service}/${part}.service.ts`;
    expect(container?.image).toBe("postbox");
    expect(container?.command).toBeUndefined();
    expect(container?.environment).toMatchObject({
      SERVICES: pattern,
      POSTGRES_USER: service,
      NATS_USER: service,
      NATS_PASSWORD: `\${${natsPassword(service)}:?}`,
    });
    expect(Object.keys(container?.depends_on ?? {})).toEqual([`${service}-migrate`, "nats"]);
  },
);

test.each(serviceNames())("the containers of %s know the database of no other service", (service) => {
  for (const [name, { environment }] of Object.entries(containers)) {
    if (name !== service && !name.startsWith(`${service}-`)) continue;
    const known = serviceNames()
      .map(databaseVariable)
      .filter((variable) => variable in environment);
    expect(known).toEqual([databaseVariable(service)]);
  }
});

test("every variable of a container is one that the configuration reads, and with those that are asked for it is valid", () => {
  const given: Record<string, string> = { PUBLIC_URL: "https://postbox.example", SMTP_URL: "smtps://mail.example" };
  for (const [name, { image, environment }] of Object.entries(containers)) {
    if (image !== "postbox") continue;
    const { SERVICES, ...own } = environment;
    expect({ name, unknown: Object.keys(own).filter((variable) => !(variable in allVariables())) }).toEqual({
      name,
      unknown: [],
    });
    const filled = Object.entries(own).map(([variable, value]) => [variable, interpolated(`${value}`, given)]);
    expect(() => readConfig(Object.fromEntries(filled))).not.toThrow();
  }
});

test("every variable that the file itself asks for is told in one of the two examples", () => {
  const told = [read(".env.example"), read("deploy/compose.env.example")].join("\n");
  const asked = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = ""]) => name);
  expect(asked.filter((name) => !new RegExp(`^(# )?${name}=`, "m").test(told))).toEqual([]);
});

test("the image runs Moleculer's runner for ES modules, as an ordinary user, and only the edge is published", async () => {
  const dockerfile = read("Dockerfile");
  expect(dockerfile).toContain('CMD ["node_modules/.bin/moleculer-runner-esm", "--config", "moleculer.config.ts"]');
  expect(dockerfile).toMatch(/^USER node$/m);
  for (const { image, environment } of Object.values(containers))
    if (image === "postbox")
      expect(environment).toMatchObject({ ENVIRONMENT: "production", LISTEN_ADDRESS: "0.0.0.0" });
  expect(dockerfile).toContain('CMD ["node", "cli/healthcheck.ts"]');
  expect(read("cli/healthcheck.ts")).toContain("/health/ready");
  const published = Object.entries(containers).filter(([, { ports }]) => ports !== undefined);
  expect(published.map(([name]) => name)).toEqual([await edgeService(projectRoot())]);
});

/** As Compose fills in `${NAME}`, `${NAME:-default}` and `${NAME:?}`; a password is 40 letters. */
function interpolated(value: string, given: Readonly<Record<string, string>>): string {
  return value.replace(/\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind: string, fallback: string) =>
    kind === "-" ? (given[name] ?? fallback) : (given[name] ?? "p".repeat(40)),
  );
}

test("a container gets the variables of its own service and of no other, and those of the edge reach the edge alone", async () => {
  const edge = await edgeService(projectRoot());
  for (const service of serviceNames()) {
    const own = Object.keys(variablesOf(service));
    for (const [name, { image, environment }] of Object.entries(containers)) {
      if (image !== "postbox") continue;
      const ofService = name === service || name.startsWith(`${service}-`);
      expect(own.filter((variable) => variable in environment !== ofService)).toEqual([]);
      if (ofService)
        expect(Object.keys(runtimeVariables.edge).filter((variable) => variable in environment)).toEqual(
          service === edge ? Object.keys(runtimeVariables.edge) : [],
        );
    }
  }
});
