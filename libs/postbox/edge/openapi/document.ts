import type { Route } from "../routes/route.ts";
import { type Operation, operation } from "./operation.ts";
import { problemSchema } from "./responses.ts";

/** An OpenAPI 3.1 document, as Postbox writes it. */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

/** Makes the document of one version of a service from its routes under one base path. */
export function openApiDocument(service: string, version: number, routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:([^/]+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.1",
    info: { title: service, version: `v${version}`, description: `Version ${version} of the ${service} service.` },
    servers: [{ url: "/" }],
    tags: [{ name: service, description: `What the ${service} service does.` }],
    paths,
    components: {
      ...(routes.some(({ access }) => access !== "public") && {
        securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      }),
      schemas: { Problem: problemSchema },
    },
  };
}
