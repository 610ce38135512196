import type { ActionSchema, Context, Middleware } from "moleculer";
import { Database } from "../database/database.ts";
import { PostboxError } from "../errors/postbox-error.ts";
import type { Meta } from "../moleculer/meta.ts";
import { canonicalHash } from "./canonical.ts";
import { checkedKey } from "./key.ts";
import { findAnswer, type Slot, storeAnswer, tryLock } from "./store.ts";

type Handler = (ctx: Context<unknown, Meta>) => Promise<unknown>;

/** Seconds after which to ask again for a request that is being worked on. */
const retryAfterSeconds = 1;

/**
 * Honours an `Idempotency-Key` in the business transaction: the handler's effects, its events and its answer commit
 * together, so that the key can never be known without the effect, nor the effect without the key. A failed request
 * leaves nothing, and can be sent again.
 *
 * @throws PostboxError `request-in-flight` while the same key is being worked on, here or in another process;
 * `idempotency-mismatch` when it was used for another request.
 */
export const idempotency: Middleware = {
  name: "Idempotency",
  localAction(handler: Handler, action: ActionSchema): Handler {
    if (!honours(action)) return handler;
    const inFlight = new Set<string>();
    return async (ctx) => {
      const { idempotencyKey, ...meta } = ctx.meta;
      const db: unknown = ctx.service && Reflect.get(ctx.service, "db");
      if (idempotencyKey === undefined || !(db instanceof Database)) return handler(ctx);
      // Used up here: an action that this one calls must not take the key for its own.
      ctx.meta = meta;
      const caller = meta.user?.user_id ?? meta.clientAddress ?? "";
      const slot = { scope: `${action.name} ${caller}`, key: checkedKey(idempotencyKey) };
      const mark = `${slot.scope} ${slot.key}`;
      // Those that wait in this process are told so before they take a connection.
      if (inFlight.has(mark)) throw beingWorkedOn();
      inFlight.add(mark);
      try {
        return await db.transaction(() => once(db, slot, ctx, handler));
      } finally {
        inFlight.delete(mark);
      }
    };
  },
};

function honours({ rest, idempotency: declared }: ActionSchema): boolean {
  return declared ?? (typeof rest === "string" && /^(POST|PATCH) /.test(rest));
}

async function once(db: Database, slot: Slot, ctx: Context<unknown, Meta>, handler: Handler): Promise<unknown> {
  const tx = db.current;
  if (!tx || !(await tryLock(tx, slot))) throw beingWorkedOn();
  const request_hash = canonicalHash(ctx.params);
  const stored = await findAnswer(tx, slot);
  if (!stored) {
    const response = await handler(ctx);
    const status = ctx.meta.$statusCode ?? ctx.action?.status ?? 200;
    if (!holdsCookie(ctx.meta)) await storeAnswer(tx, slot, { request_hash, status, response });
    return response;
  }
  if (stored.request_hash !== request_hash)
    throw new PostboxError("idempotency-mismatch", "The key was used for another request; choose a new one.");
  ctx.meta.$statusCode = stored.status;
  ctx.meta.$responseHeaders = { "Idempotent-Replayed": "true" };
  return stored.response;
}

/** A cookie is a token: it is given once and never stored. */
const holdsCookie = ({ $responseHeaders = {} }: Meta) =>
  Object.keys($responseHeaders).some((name) => name.toLowerCase() === "set-cookie");

const beingWorkedOn = () =>
  new PostboxError("request-in-flight", "The first request with this key is not done; ask again.", {
    retryAfter: retryAfterSeconds,
  });
