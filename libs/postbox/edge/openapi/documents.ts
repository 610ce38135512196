import type { ServerResponse } from "node:http";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { sendCompressed } from "../answers/send.ts";
import type { Incoming } from "../requests/incoming.ts";
import type { RouteWatch } from "../routes/route-watch.ts";
import { openApiDocument } from "./document.ts";
import { asset, assetPath, page, pageHeaders } from "./pages.ts";

/** `/auth/docs`, `/auth/v1/redoc`, `/auth/openapi.json`, … */
const documentPath = /^(\/([a-z][a-z0-9]*)(?:\/v\d+)?)\/(docs|redoc|openapi\.json)$/;

/** Whether a path is that of a document, its pages or their files. */
export function isDocumentPath(path: string): boolean {
  return path.startsWith(assetPath) || documentPath.test(path);
}

/**
 * Answers a request for a document, its pages or their files.
 *
 * @throws PostboxError `not-found`; `service-unavailable` while the service is away.
 */
export async function answerDocument(
  req: Incoming,
  res: ServerResponse,
  path: string,
  watch: RouteWatch,
): Promise<void> {
  if (path.startsWith(assetPath)) {
    const found = await asset(path.slice(assetPath.length));
    if (!found) throw new PostboxError("not-found");
    return show(req, res, found.type, found.body);
  }
  const [, base = "", service = "", kind] = documentPath.exec(path) ?? [];
  const routes = watch.table.routes.filter((route) => isUnder(route.path, base, service));
  const [first] = routes;
  if (!first) throw new PostboxError("not-found");
  if (!watch.isPresent(first)) throw new PostboxError("service-unavailable");
  const { version } = first.document;
  if (kind === "openapi.json")
    return show(req, res, "application/json", JSON.stringify(openApiDocument(service, version, routes)));
  return show(req, res, "text/html", page(kind === "redoc" ? "redoc" : "docs", `${service} v${version}`));
}

/** Whether a path is below a base; below `/auth`, those of a numbered version are not. */
function isUnder(path: string, base: string, service: string): boolean {
  if (!path.startsWith(`${base}/`)) return false;
  return base !== `/${service}` || !/^\/v\d+\//.test(path.slice(base.length));
}

function show(req: Incoming, res: ServerResponse, type: string, body: Buffer | string): void | Promise<void> {
  return sendCompressed(
    req,
    res,
    200,
    [...pageHeaders, ...req.answerHeaders, "Content-Type", `${type}; charset=utf-8`],
    body,
  );
}
