import type { IncomingMessage } from "node:http";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Route } from "../routes/route.ts";

/**
 * Refuses what a browser sends for a page of another site, unless it only reads and without a cookie, or the page's
 * origin may call. Otherwise a form of that page could log its reader in as somebody else: CORS keeps a page from the
 * answer, not from sending. Browsers say `Sec-Fetch-Site` by themselves, and no page can change it (W3C, Fetch Metadata
 * Request Headers).
 *
 * @throws PostboxError `cross-site`.
 */
export function refuseCrossSite(
  { headers }: Pick<IncomingMessage, "headers">,
  { method, parts }: Pick<Route, "method" | "parts">,
  origins: readonly string[] = [],
): void {
  if (headers["sec-fetch-site"] !== "cross-site") return;
  if (!mindsSite({ method, parts })) return;
  const { origin = "none" } = headers;
  if (origins.includes(origin)) return;
  throw new PostboxError("cross-site", `A page of origin '${origin}' sent it; that origin is not in CORS_ORIGINS.`);
}

/** Whether it matters to a route which site's page a request came from. */
export function mindsSite({ method, parts }: Pick<Route, "method" | "parts">): boolean {
  return method !== "GET" || parts.cookies.length > 0;
}
