import type { Deprecation } from "./versions.ts";

/** Headers of a deprecated version's answers (RFC 9745, RFC 8594). */
export function deprecationHeaders({ since, sunset }: Deprecation): Record<string, string> {
  return { Deprecation: `@${Date.parse(since) / 1_000}`, Sunset: new Date(sunset).toUTCString() };
}
