import { globSync } from "node:fs";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { loadProject } from "../libs/postbox/core/project/load-project.ts";
import { projectRoot } from "../libs/postbox/core/project/project-root.ts";
import { serviceNames } from "../libs/postbox/core/project/service-names.ts";
import { type OpenApiDocument, openApiDocument } from "../libs/postbox/edge/openapi/document.ts";
import type { Route } from "../libs/postbox/edge/routes/route.ts";
import { type ListedService, routesOf } from "../libs/postbox/edge/routes/routes.ts";
import { guards } from "../libs/postbox/node/broker/guards.ts";

/** One version of a service's API, and all routes that lead to it, those without a version too. */
interface DeclaredApi {
  readonly document: OpenApiDocument;
  readonly routes: readonly Route[];
}

/** Each version of each service's API, as the services declare them; nothing has to run for that. */
export async function declaredApis(): Promise<DeclaredApi[]> {
  await loadProject();
  const broker = new ServiceBroker({ ...guards(), logger: false });
  const apis: DeclaredApi[] = [];
  for (const path of serviceNames().flatMap(filesOf)) {
    const { default: schema }: { default: ServiceSchema } = await import(join(projectRoot(), path));
    const service: ListedService = listed(broker, schema);
    const { name } = service;
    const version = Number(service.version);
    const routes = routesOf(service);
    const versioned = routes.filter(({ path }) => `${path}/`.startsWith(`/${name}/v${version}/`));
    apis.push({ document: openApiDocument(name, version, versioned), routes });
  }
  return apis;
}

/** The OpenAPI document of each version of each service. */
export async function declaredDocuments(): Promise<OpenApiDocument[]> {
  return (await declaredApis()).map(({ document }) => document);
}

/** The service file of each version: the first stands in the service's folder, the others in `api/v<version>`. */
function filesOf(name: string): string[] {
  const folders = [`services/${name}`, `services/${name}/api/v*`];
  return globSync(
    folders.map((folder) => `${folder}/${name}.service.ts`),
    { cwd: projectRoot() },
  ).sort();
}

/** What Moleculer's registry would say of a service, without starting it. */
function listed(broker: ServiceBroker, schema: ServiceSchema): ListedService {
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
