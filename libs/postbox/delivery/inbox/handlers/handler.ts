import type { Model, ModelStatic } from "sequelize";
import type { Static, TSchema } from "typebox";
import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { EnqueueOptions } from "../../outbox/enqueue-options.ts";
import type { EventDefinition } from "../../wire/define-event.ts";

/** A service's models, by name, on its own database. */
export type Models = Record<string, ModelStatic<Model>>;

/** One event as its handler sees it. A message of the broker is a pack of many. */
export interface Message<Data = unknown> {
  /** UUID v7, the same in every redelivery. */
  readonly id: string;
  /** The publishing service. */
  readonly source: string;
  /** `<service>.<name>`. */
  readonly type: string;
  /** The handler's version: an older event is lifted to this version before the handler runs. */
  readonly version: number;
  readonly key: string | undefined;
  readonly occurredAt: Date;
  readonly data: Data;
  readonly headers: Readonly<Record<string, string>>;
  /** From 1; greater when an earlier attempt failed. */
  readonly attempt: number;
}

/**
 * What a handler works with: the runtime's transaction, which a handler cannot end. The handler's effects, the
 * inbox row and the events it enqueues commit together or not at all.
 */
export interface HandlerTransaction<M extends Models = Models> {
  readonly models: M;
  readonly query: Transaction["query"];
  /** Publishes a further event from inside this transaction. */
  enqueue<Schema extends TSchema>(event: EventDefinition<Schema>, data: Static<Schema>, options?: EnqueueOptions): void;
  /** Aborts when the handler's time is over or the worker stops. */
  readonly signal: AbortSignal;
}

/** How the handlers of one batch run beside each other. */
export type HandlerMode =
  /** One after the other. The default: any code is safe. */
  | "sequential"
  /** Side by side. The handler promises single statements: no savepoint, no `SET LOCAL`, no read before a write. */
  | "concurrent"
  /** Alone, outside any batch: for a handler that sends a mail or calls another system. */
  | "external";

/** How a handler is run. */
export interface HandlerOptions {
  /** Default `sequential`. */
  readonly mode?: HandlerMode;
  /** Milliseconds that one run may take. Default 30,000. */
  readonly timeoutMs?: number;
  /** Failures after which the event is dead. Default 10. */
  readonly maxAttempts?: number;
}

/**
 * The handler of one event, made by `handle` or `handleMany`.
 *
 * `M` names the models that the handler needs. A service takes only handlers whose models its own `defineModels` makes.
 * `Target` names the services that the event is sent to. A service takes only handlers of events that are sent to it:
 * `EventHandler<StockModels, "stock">`.
 */
export interface EventHandler<M extends Models = Models, Target extends string = never> extends HandlerOptions {
  /** Carries the type; never present as a value. A function, so that a handler for more services fits where one is asked for. */
  readonly sentTo?: (service: Target) => void;
  readonly event: EventDefinition;
  readonly handle?: (message: Message, tx: HandlerTransaction<M>) => Promise<void>;
  /** Set-based: takes all messages of this event in a batch in one call. */
  readonly handleMany?: (messages: readonly Message[], tx: HandlerTransaction<M>) => Promise<void>;
}

/**
 * Declares the handler of one event, for `services/<service>/events.ts`. The handler's effects through `tx`, its inbox row
 * and the events that it enqueues commit together, exactly once for each event.
 *
 * ```ts
 * export const handlers = [
 *   handle(createUser, async ({ data }, tx: HandlerTransaction<UsersModels>) => {
 *     await tx.models.Profile.upsert(data.user);
 *   }),
 * ];
 * ```
 *
 * An error of the handler undoes its effects, and the event is tried again with backoff up to `maxAttempts` times. Throw
 * `PermanentError` where no further attempt can help. An event that fails for good is a dead letter at its publisher.
 */
export function handle<Schema extends TSchema, Target extends string, M extends Models>(
  event: EventDefinition<Schema, Target>,
  handler: (message: Message<Static<Schema>>, tx: HandlerTransaction<M>) => Promise<void>,
  options: HandlerOptions = {},
): EventHandler<M, Target> {
  // The payload's type is erased: each message is validated against the event's schema before its handler runs.
  return { ...options, event, handle: handler } as unknown as EventHandler<M, Target>;
}

/**
 * Declares a set-based handler: one call for all messages of this event in a batch, one statement for all effects.
 *
 * ```ts
 * handleMany(createUser, async (messages, tx) => {
 *   await tx.query({
 *     name: "save_profiles",
 *     text: "insert into profile (id) select unnest($1::uuid[]) on conflict do nothing",
 *     values: [messages.map(({ data }) => data.user.id)],
 *   });
 * });
 * ```
 *
 * When the call fails, the messages are handled in smaller sets, so that only the failing one counts an attempt.
 */
export function handleMany<Schema extends TSchema, Target extends string, M extends Models>(
  event: EventDefinition<Schema, Target>,
  handler: (messages: readonly Message<Static<Schema>>[], tx: HandlerTransaction<M>) => Promise<void>,
  options: Omit<HandlerOptions, "mode"> = {},
): EventHandler<M, Target> {
  return { ...options, event, handleMany: handler } as unknown as EventHandler<M, Target>;
}
