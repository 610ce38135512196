import type { ServerResponse } from "node:http";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { sendCompressed } from "../answers/send.ts";
import type { Incoming } from "../requests/incoming.ts";
import type { RouteWatch } from "../routes/route-watch.ts";
import { openApiDocument } from "./document.ts";
import { asset, isAsset, page, pageHeaders } from "./pages.ts";

/** `/<service>/docs`, `/<service>/v1/redoc`, `/<service>/openapi.json`, … */
const documentPath = /^(\/([a-z][a-z0-9]*)(?:\/v\d+)?)\/(docs|redoc|openapi\.json)$/;

/** The methods of a document. */
export const documentMethods = ["GET", "HEAD"];
const isRead = (method: string | undefined) => method === "GET" || method === "HEAD";

/** The OpenAPI documents of all services, with a page each by Swagger UI and by Redoc. */
export class Documents {
  readonly #assetPath: string;
  readonly #routes: RouteWatch;

  /** `gateway` is the first step of the path under which the files of the pages are served. */
  constructor(gateway: string, routes: RouteWatch) {
    this.#assetPath = `/${gateway}/assets/`;
    this.#routes = routes;
  }

  /** Whether a path is that of a document, a page or a page's file. */
  has(path: string): boolean {
    if (path.startsWith(this.#assetPath)) return isAsset(path.slice(this.#assetPath.length));
    const [, base = "", service = ""] = documentPath.exec(path) ?? [];
    return service !== "" && this.#routes.table.routes.some((route) => isUnder(route.path, base, service));
  }

  /**
   * Answers a GET or HEAD of such a path.
   *
   * @throws PostboxError `not-found`; `method-not-allowed`; `service-unavailable` while the service is away.
   */
  async answer(req: Incoming, res: ServerResponse, path: string): Promise<void> {
    if (!isRead(req.method)) throw new PostboxError("method-not-allowed", undefined, { allow: documentMethods });
    if (path.startsWith(this.#assetPath)) {
      const found = await asset(path.slice(this.#assetPath.length));
      if (!found) throw new PostboxError("not-found");
      return show(req, res, found.type, found.body);
    }
    const [, base = "", service = "", kind] = documentPath.exec(path) ?? [];
    const routes = this.#routes.table.routes.filter((route) => isUnder(route.path, base, service));
    const [first] = routes;
    if (!first) throw new PostboxError("not-found");
    if (!this.#routes.isPresent(first)) throw new PostboxError("service-unavailable");
    const { version } = first.document;
    if (kind === "openapi.json")
      return show(req, res, "application/json", JSON.stringify(openApiDocument(service, version, routes)));
    const title = `${service} v${version}`;
    return show(req, res, "text/html", page(kind === "redoc" ? "redoc" : "docs", title, this.#assetPath));
  }
}

/** Whether a path is below a base. A path of a numbered version is not below the base without number. */
function isUnder(path: string, base: string, service: string): boolean {
  if (path !== base && !path.startsWith(`${base}/`)) return false;
  return base !== `/${service}` || !/^\/v\d+(\/|$)/.test(path.slice(base.length));
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
