import type { IncomingMessage } from "node:http";

type Addressed = Pick<IncomingMessage, "url">;

/** The path of a request, as it was sent. */
export function pathOf({ url = "/" }: Addressed): string {
  const at = url.indexOf("?");
  return at < 0 ? url : url.slice(0, at);
}

/** The query of a request, as it was sent, without its `?`. */
export function queryOf({ url = "/" }: Addressed): string {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
}
