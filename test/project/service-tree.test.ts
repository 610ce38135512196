import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import type { ServiceSchema } from "moleculer";
import { loadProject } from "postbox";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { databaseVariable, serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { serviceParts, servicesWithWorker } from "../../libs/postbox/core/project/service-parts.ts";
import { serviceFile } from "../harness/service-file.ts";
import { namesIn, serviceFolders } from "./service-tree.ts";

beforeAll(loadProject);

test("every service folder is a service that the configuration knows, and every such service has a folder", () => {
  expect(serviceFolders).toEqual(serviceNames());
});

test.each(serviceFolders)("%s is a lowercase name, and so is its database variable", (service) => {
  expect(service).toMatch(/^[a-z][a-z0-9]*$/);
  expect(databaseVariable(service)).toBe(`${service.toUpperCase()}_DATABASE`);
});

test.each(serviceFolders)("%s has the shape that every service has", (service) => {
  expect(namesIn("services", service)).toEqual(
    expect.arrayContaining(["api", "events.ts", "jobs.ts", "models.ts", "scripts"]),
  );
  // Who receives no events serves the actions of others.
  const receives = servicesWithWorker().includes(service);
  if (receives) expect(namesIn("services", service, "api")).toContain("v1");
  expect(namesIn("services", service, "scripts")).toEqual(["lint.sh", "run-tests.sh"]);
  const worker = receives ? [`${service}.worker`] : [];
  expect(serviceParts(service)).toEqual([service, `${service}.scheduler`, ...worker]);
});

test.each(serviceFolders.flatMap(serviceParts))(
  "the Moleculer service in %s bears the name of its file",
  async (part) => {
    const { default: schema }: { default: ServiceSchema } = await import(serviceFile(part));
    expect(schema.name).toBe(part);
  },
);

test.each(serviceFolders)("%s has migrations and tests of its own", (service) => {
  expect(namesIn("migrations", service)).not.toEqual([]);
  expect(namesIn("test", service).filter((name) => name.endsWith(".test.ts"))).not.toEqual([]);
});

test.each(serviceFolders)(
  "the scripts of %s can be run and call the project's own for that service alone",
  (service) => {
    for (const [name, called] of [
      ["run-tests.sh", "test.sh"],
      ["lint.sh", "lint.sh"],
    ] as const) {
      const path = join(projectRoot(), "services", service, "scripts", name);
      expect(() => accessSync(path, constants.X_OK)).not.toThrow();
      expect(readFileSync(path, "utf8")).toMatch(new RegExp(`/scripts/${called}" ${service}\\n$`));
    }
  },
);
