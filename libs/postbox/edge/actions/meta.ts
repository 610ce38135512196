import type { Wanted } from "../requests/accept.ts";
import type { TokenData } from "../tokens/token-data.ts";

/**
 * What travels with a call, as `ctx.meta`. `token` alone proves who calls. On the node that runs the action, the access
 * middleware writes `user` from the verified token and discards any value that came with the call.
 */
export interface Meta {
  /** The access token of a user, or the service token of a service. */
  token?: string;
  /** The user who calls; take it by `caller(ctx)`. */
  user?: TokenData;
  /** Address of the client. Set by the gateway, unless a trusted proxy wrote no address that can be read. */
  clientAddress?: string;
  /** The user's `Idempotency-Key`. Set by the gateway, removed before the action that honours it runs. */
  idempotencyKey?: string;
  /** What the client asked for, where the action declares `page`: a page as visitors do, or JSON. Set by the gateway. */
  wants?: Wanted;
  /** Set by `showPage`: the HTML of a page that is sent in place of the result. */
  $page?: string;
  /** Set by an action: HTTP headers of its answer. With a `Content-Type`, a result that is a text is sent as it is. */
  $responseHeaders?: Record<string, string | string[]>;
  /** Set by an action: HTTP status of its answer. Default: the `status` that it declares. */
  $statusCode?: number;
}
