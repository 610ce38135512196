import type { ActionSchema, Context, Middleware } from "moleculer";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Database } from "../../postgres/database.ts";
import { databaseOf } from "../actions/database-of.ts";
import type { Meta } from "../actions/meta.ts";
import type { Prepare } from "../actions/prepare.ts";
import { fingerprint, isFingerprint } from "./fingerprint.ts";
import { checkedKey } from "./key.ts";
import { findAnswer, type RequestKey, type StoredAnswer, storeAnswer, tryLock } from "./store.ts";

type KeyedContext = Context<unknown, Meta>;
type Handler = (ctx: KeyedContext, prepared?: unknown) => Promise<unknown>;

/** `Retry-After` in seconds, while the first request is still being worked on. */
const retryAfterSeconds = 1;

/**
 * Honours an `Idempotency-Key`. The handler's effects, its events and its stored answer commit in one transaction, so that
 * neither key nor effect is ever there without the other. A failed request leaves nothing, and can be sent again.
 *
 * A key counts for one user. A request without a user has none that counts: strangers share an address, and may choose the
 * same key, so a stored answer could reach the wrong one.
 *
 * The `prepare` of an action runs before the transaction, with a key or without.
 *
 * @throws PostboxError `request-in-flight` while a request with the same key is being worked on, in any process;
 * `idempotency-mismatch` where the key was used for another request.
 */
export const idempotency: Middleware = {
  name: "Idempotency",
  localAction(handler: Handler, action: ActionSchema): Handler {
    const { prepare } = action;
    const unkeyed: Handler = prepare ? async (ctx) => handler(ctx, await prepare.call(ctx.service, ctx)) : handler;
    if (!honours(action)) return unkeyed;
    const inFlight = new Set<string>();
    return async (ctx) => {
      const { idempotencyKey, ...meta } = ctx.meta;
      const db = databaseOf(ctx.service);
      if (idempotencyKey === undefined || !meta.user || !db) return unkeyed(ctx);
      // Removed here: an action that this one calls must not take the key for its own.
      ctx.meta = meta;
      const key = { scope: `${action.name} ${meta.user.user_id}`, key: checkedKey(idempotencyKey) };
      const mark = `${key.scope} ${key.key}`;
      // Checked before a connection is taken: repeated requests must not drain the pool.
      if (inFlight.has(mark)) throw beingWorkedOn();
      inFlight.add(mark);
      try {
        if (!prepare) return await db.transaction(() => once(db, key, ctx, handler));
        const { stored, prepared } = await findOrPrepare(db, key, ctx, prepare);
        if (stored) return replay(stored, key, ctx);
        return await db.transaction(() => once(db, key, ctx, () => handler(ctx, prepared)));
      } finally {
        inFlight.delete(mark);
      }
    };
  },
};

function honours({ rest, idempotency: declared }: ActionSchema): boolean {
  if (declared === undefined) return typeof rest === "string" && /^(POST|PATCH) /.test(rest);
  return declared === true;
}

/** Finds the stored answer, or else prepares the action. No connection is held meanwhile. */
async function findOrPrepare(
  db: Database,
  key: RequestKey,
  ctx: KeyedContext,
  prepare: Prepare,
): Promise<{ stored?: StoredAnswer | undefined; prepared?: unknown }> {
  const stored = await findAnswer(db, key);
  if (stored) return { stored };
  try {
    return { prepared: await prepare.call(ctx.service, ctx) };
  } catch (error) {
    // The same request may have succeeded meanwhile in another process, and have made this one fail: its name is taken.
    const stored = await findAnswer(db, key);
    if (stored) return { stored };
    throw error;
  }
}

async function once(db: Database, key: RequestKey, ctx: KeyedContext, handler: Handler): Promise<unknown> {
  const tx = db.current;
  if (!tx || !(await tryLock(tx, key))) throw beingWorkedOn();
  const stored = await findAnswer(tx, key);
  if (stored) return replay(stored, key, ctx);
  // Taken before the handler runs: a handler may change its params.
  const request_hash = fingerprint(key, ctx.params);
  const response = await handler(ctx);
  const status = ctx.meta.$statusCode ?? ctx.action?.status ?? 200;
  if (!holdsCookie(ctx.meta)) await storeAnswer(tx, key, { request_hash, status, response });
  return response;
}

/** Gives the stored answer again, if the request is the same. */
function replay({ request_hash, status, response }: StoredAnswer, key: RequestKey, ctx: KeyedContext): unknown {
  if (!isFingerprint(request_hash, key, ctx.params))
    throw new PostboxError("idempotency-mismatch", "The key was used for another request; choose a new one.");
  ctx.meta.$statusCode = status;
  ctx.meta.$responseHeaders = { "Idempotent-Replayed": "true" };
  return response;
}

/** An answer that sets a cookie is not stored: the cookie is a token. */
const holdsCookie = ({ $responseHeaders = {} }: Meta) =>
  Object.keys($responseHeaders).some((name) => name.toLowerCase() === "set-cookie");

const beingWorkedOn = () =>
  new PostboxError("request-in-flight", "The first request with this key is not done; ask again.", {
    retryAfter: retryAfterSeconds,
  });
