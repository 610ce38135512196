import { weightsOf } from "./weights.ts";

/** What a client wants where an action has a page beside its JSON. */
export type Wanted = "page" | "json";

/**
 * What a client asks for by its `Accept` (RFC 9110, 12.5.1). Browsers name `text/html`. Undefined: neither is
 * named, as where any type will do.
 */
export function wantedBy(accept: string | undefined): Wanted | undefined {
  if (accept === undefined) return undefined;
  const weights = weightsOf(accept);
  const page = weights.get("text/html") ?? 0;
  const json = weights.get("application/json") ?? 0;
  if (page === 0 && json === 0) return undefined;
  return page > json ? "page" : "json";
}
