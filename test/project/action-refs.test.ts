import { globSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import type { ServiceSchema } from "moleculer";
import { loadProject } from "postbox";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { serviceModules } from "../../libs/postbox/core/project/service-modules.ts";

beforeAll(loadProject);

test("every action that a contract names is one that a service has", async () => {
  const modules = await serviceModules<Record<string, unknown>>(projectRoot(), "libs", "actions.ts");
  const named = modules.flatMap(({ exports }) => Object.values(exports).flatMap(nameOfRef));
  const files = globSync("services/**/*.service.ts", { cwd: projectRoot() });
  const there = await Promise.all(files.map(actionsOf));

  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !there.flat().includes(name))).toEqual([]);
});

/** A reference is its name alone; all else that a contract exports is a schema. */
function nameOfRef(value: unknown): string[] {
  const { name, ...rest } = Object(value);
  return typeof name === "string" && Object.keys(rest).length === 0 ? [name] : [];
}

async function actionsOf(file: string): Promise<string[]> {
  const { default: schema }: { default: ServiceSchema } = await import(join(projectRoot(), file));
  const service = schema.version === undefined ? schema.name : `v${schema.version}.${schema.name}`;
  const all = [schema, ...(schema.mixins ?? [])].flatMap(({ actions }) => Object.keys(actions ?? {}));
  return all.map((action) => `${service}.${action}`);
}
