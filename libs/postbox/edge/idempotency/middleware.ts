import type { ActionSchema, Context, Middleware } from "moleculer";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { Database } from "../../postgres/database.ts";
import type { Meta } from "../actions/meta.ts";
import type { Prepare } from "../actions/prepare.ts";
import { fingerprint, isFingerprint } from "./fingerprint.ts";
import { checkedKey } from "./key.ts";
import { findAnswer, type Slot, type Stored, storeAnswer, tryLock } from "./store.ts";

type Ctx = Context<unknown, Meta>;
type Handler = (ctx: Ctx, prepared?: unknown) => Promise<unknown>;

/** Seconds after which to ask again for a request that is being worked on. */
const retryAfterSeconds = 1;

/**
 * Honours an `Idempotency-Key` in the business transaction: the handler's effects, its events and its answer commit
 * together, so that the key can never be known without the effect, nor the effect without the key. A failed request
 * leaves nothing, and can be sent again. An action's `prepare` runs before the transaction, with a key or without.
 *
 * @throws PostboxError `request-in-flight` while the same key is being worked on, here or in another process;
 * `idempotency-mismatch` when it was used for another request.
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
      const db: unknown = ctx.service && Reflect.get(ctx.service, "db");
      if (idempotencyKey === undefined || !(db instanceof Database)) return unkeyed(ctx);
      // Used up here: an action that this one calls must not take the key for its own.
      ctx.meta = meta;
      const caller = meta.user?.user_id ?? meta.clientAddress ?? "";
      const slot = { scope: `${action.name} ${caller}`, key: checkedKey(idempotencyKey) };
      const mark = `${slot.scope} ${slot.key}`;
      // Those that wait in this process are told so before they take a connection.
      if (inFlight.has(mark)) throw beingWorkedOn();
      inFlight.add(mark);
      try {
        if (!prepare) return await db.transaction(() => once(db, slot, ctx, handler));
        const { stored, prepared } = await findOrPrepare(db, slot, ctx, prepare);
        if (stored) return again(stored, slot, ctx);
        return await db.transaction(() => once(db, slot, ctx, () => handler(ctx, prepared)));
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

/** Prepares the action, unless it was done already. No connection is held meanwhile. */
async function findOrPrepare(
  db: Database,
  slot: Slot,
  ctx: Ctx,
  prepare: Prepare,
): Promise<{ stored?: Stored | undefined; prepared?: unknown }> {
  const stored = await findAnswer(db, slot);
  if (stored) return { stored };
  try {
    return { prepared: await prepare.call(ctx.service, ctx) };
  } catch (error) {
    // It may have failed at what this very request did meanwhile in another process: its own name is taken.
    const stored = await findAnswer(db, slot);
    if (stored) return { stored };
    throw error;
  }
}

async function once(db: Database, slot: Slot, ctx: Ctx, handler: Handler): Promise<unknown> {
  const tx = db.current;
  if (!tx || !(await tryLock(tx, slot))) throw beingWorkedOn();
  const stored = await findAnswer(tx, slot);
  if (stored) return again(stored, slot, ctx);
  // Before the handler, which may change its parameters.
  const request_hash = fingerprint(slot, ctx.params);
  const response = await handler(ctx);
  const status = ctx.meta.$statusCode ?? ctx.action?.status ?? 200;
  if (!holdsCookie(ctx.meta)) await storeAnswer(tx, slot, { request_hash, status, response });
  return response;
}

/** Answers as the first time. */
function again({ request_hash, status, response }: Stored, slot: Slot, ctx: Ctx): unknown {
  if (!isFingerprint(request_hash, slot, ctx.params))
    throw new PostboxError("idempotency-mismatch", "The key was used for another request; choose a new one.");
  ctx.meta.$statusCode = status;
  ctx.meta.$responseHeaders = { "Idempotent-Replayed": "true" };
  return response;
}

/** A cookie is a token: it is given once and never stored. */
const holdsCookie = ({ $responseHeaders = {} }: Meta) =>
  Object.keys($responseHeaders).some((name) => name.toLowerCase() === "set-cookie");

const beingWorkedOn = () =>
  new PostboxError("request-in-flight", "The first request with this key is not done; ask again.", {
    retryAfter: retryAfterSeconds,
  });
