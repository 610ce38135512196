import type { IncomingMessage } from "node:http";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Route } from "../routes/route.ts";
import { wantedBy } from "./accept.ts";

/** What of a route decides about requests of other sites. */
type Judged = Pick<Route, "method" | "parts" | "safe" | "page">;

/**
 * Refuses a request that a browser sends for a page of another site. Three are let through: one that only reads and takes
 * no cookie, one that visits a page, and one whose origin is in `origins`.
 *
 * CORS keeps a page from reading an answer, not from sending a request: a form could log its reader in as somebody else.
 * Browsers set `Sec-Fetch-Site` by themselves, and no page can change it (W3C, Fetch Metadata Request Headers).
 *
 * @throws PostboxError `cross-site`.
 */
export function refuseCrossSite(
  { headers }: Pick<IncomingMessage, "headers">,
  route: Judged,
  origins: readonly string[] = [],
): void {
  if (headers["sec-fetch-site"] !== "cross-site") return;
  if (!refusesCrossSite(route)) return;
  // A link in a mail is followed from the page of a mail reader.
  if (route.method === "GET" && route.page && wantedBy(headers.accept) === "page") return;
  const { origin = "none" } = headers;
  if (origins.includes(origin)) return;
  throw new PostboxError(
    "cross-site",
    `The request came from a page of origin '${origin}', which is not in CORS_ORIGINS.`,
  );
}

/** Whether a route refuses requests of other sites: it may change something, or takes cookies. */
export function refusesCrossSite({ method, parts, safe }: Pick<Judged, "method" | "parts" | "safe">): boolean {
  return method !== "GET" || !safe || parts.cookies.length > 0;
}
