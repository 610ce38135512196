import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { loadProject } from "../libs/postbox/core/project/load-project.ts";
import { projectRoot } from "../libs/postbox/core/project/project-root.ts";
import { serviceNames } from "../libs/postbox/core/project/service-names.ts";
import { type OpenApiDocument, openApiDocument } from "../libs/postbox/edge/openapi/document.ts";
import { type ListedService, routesOf } from "../libs/postbox/edge/routes/routes.ts";
import { guards } from "../libs/postbox/node/broker/guards.ts";
import { generateClients } from "../libs/postbox/tools/client/generate.ts";

/**
 * `npm run client [-- --check]`: writes `clients/<service>.v<version>.ts` of what the services declare, one for each
 * version of their APIs, and what is the same in several of them once; nothing has to run for it. With `--check`, only
 * says whether the files are up to date.
 */
await loadProject();
const root = projectRoot();
const broker = new ServiceBroker({ ...guards(), logger: false });
const documents: OpenApiDocument[] = [];
for (const path of serviceNames().flatMap(filesOf)) {
  const { default: schema }: { default: ServiceSchema } = await import(join(root, path));
  const service: ListedService = listed(schema);
  const { name } = service;
  const version = Number(service.version);
  const routes = routesOf(service).filter(({ path }) => `${path}/`.startsWith(`/${name}/v${version}/`));
  documents.push(openApiDocument(name, version, routes));
}
const stale: string[] = [];
for (const [name, source] of generateClients(documents)) {
  const file = join(root, "clients", `${name}.ts`);
  // Twice: Biome breaks some lines in the first pass that it joins again in the second.
  const text = formatted(formatted(source, file), file);
  const before = await readFile(file, "utf8").catch(() => "");
  if (before === text) continue;
  stale.push(file);
  if (!process.argv.includes("--check")) await writeFile(file, text);
}
for (const file of stale)
  console.log(`${file} ${process.argv.includes("--check") ? "is stale; run npm run client" : "written"}`);
process.exit(process.argv.includes("--check") && stale.length > 0 ? 1 : 0);

/** The service file of each version: the first stands in the service's folder, the others in `api/v<version>`. */
function filesOf(name: string): string[] {
  const folders = [`services/${name}`, `services/${name}/api/v*`];
  return globSync(
    folders.map((folder) => `${folder}/${name}.service.ts`),
    { cwd: root },
  ).sort();
}

/** What Moleculer's registry would say of a service, without starting it. */
function listed(schema: ServiceSchema): ListedService {
  const { name, version, fullName, settings, actions } = broker.createService(schema);
  const declared = Object.entries(Object(actions)).map(([key]) => key);
  const merged: ServiceSchema = Reflect.get(broker.getLocalService(fullName) ?? {}, "schema");
  return {
    name,
    version,
    fullName,
    settings: Object(settings),
    actions: Object.fromEntries(
      declared.map((key) => [key, { ...Object(merged.actions?.[key]), name: `${fullName}.${key}` }]),
    ),
  };
}

function formatted(source: string, file: string): string {
  const biome = join(root, "node_modules/.bin/biome");
  return execFileSync(biome, ["format", "--stdin-file-path", file], { input: source, encoding: "utf8" });
}
