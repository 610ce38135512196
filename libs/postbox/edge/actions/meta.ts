import type { TokenData } from "../tokens/token-data.ts";

/**
 * What travels with a call. `token` is the only proof of who calls: `user` is written by the access middleware from
 * the verified token, on the node that runs the action, and whatever stood there before is thrown away.
 */
export interface Meta {
  token?: string;
  user?: TokenData;
  /** Address of the client, set by the gateway. */
  clientAddress?: string;
  /** The caller's `Idempotency-Key`, set by the gateway, used up by the action that honours it. */
  idempotencyKey?: string;
  /** Set by an action: HTTP headers of its answer. */
  $responseHeaders?: Record<string, string | string[]>;
  $statusCode?: number;
}
