import type { ServerResponse } from "node:http";

/** What every answer of the gateway says, so that a browser makes nothing of it but data. */
const securityHeaders = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

const pairs = Object.entries(securityHeaders);

export function setSecurityHeaders(res: ServerResponse): void {
  for (const [name, value] of pairs) res.setHeader(name, value);
}
