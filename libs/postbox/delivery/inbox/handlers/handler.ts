import type { Model, ModelStatic } from "sequelize";
import type { Static, TSchema } from "typebox";
import type { Statement, Transaction } from "../../../postgres/transaction.ts";
import type { EnqueueOptions } from "../../outbox/enqueue.ts";
import type { EventDefinition } from "../../wire/define-event.ts";

/** A service's models, by name, on its own database. */
export type Models = Record<string, ModelStatic<Model>>;

/** One event as its handler sees it. */
export interface Message<Data = unknown> {
  /** UUID v7; the same for every redelivery. */
  readonly id: string;
  /** The publishing service. */
  readonly source: string;
  /** `<service>.<name>`. */
  readonly type: string;
  readonly version: number;
  readonly key: string | undefined;
  readonly occurredAt: Date;
  readonly data: Data;
  readonly headers: Readonly<Record<string, string>>;
  /** From 1; more when an earlier attempt failed. */
  readonly attempt: number;
}

/**
 * What a handler works with: the framework's transaction, which it cannot end. Its effects, the inbox row and the
 * events it enqueues commit together or not at all.
 */
export interface HandlerTransaction<M extends Models = Models> {
  readonly models: M;
  readonly query: Transaction["query"];
  /** Publishes a further event from inside this transaction. */
  enqueue<Schema extends TSchema>(
    event: EventDefinition<Schema>,
    data: Static<Schema>,
    options?: Omit<EnqueueOptions, "transaction">,
  ): void;
  /** Aborts when the handler's time is over or the worker stops. */
  readonly signal: AbortSignal;
}

export type { Statement };

/** How the handlers of one batch run beside each other. */
export type HandlerMode =
  /** One after the other. The default: any code is safe. */
  | "sequential"
  /** Side by side. Promise: single statements only, no savepoint, no `SET LOCAL`, no read-then-write. */
  | "concurrent"
  /** Alone, outside any batch: for one that sends a mail or calls somebody. */
  | "external";

export interface HandlerOptions {
  readonly mode?: HandlerMode;
  /** Milliseconds that one run may take. Default 30,000. */
  readonly timeoutMs?: number;
  /** Failures after which the message is dead. Default 10. */
  readonly maxAttempts?: number;
}

export interface EventHandler extends HandlerOptions {
  readonly event: EventDefinition;
  readonly handle?: (message: Message, tx: HandlerTransaction) => Promise<void>;
  /** Set-based: takes all messages of the batch in one call. */
  readonly handleMany?: (messages: readonly Message[], tx: HandlerTransaction) => Promise<void>;
}

/** Declares the handler of one event: `handle(createUser, async ({ data }, tx: UsersTransaction) => { … })`. */
export function handle<Schema extends TSchema, M extends Models>(
  event: EventDefinition<Schema>,
  handler: (message: Message<Static<Schema>>, tx: HandlerTransaction<M>) => Promise<void>,
  options: HandlerOptions = {},
): EventHandler {
  return { ...options, event, handle: handler } as unknown as EventHandler;
}

/** Declares a set-based handler: one call for all messages of this event in a batch, one statement for all effects. */
export function handleMany<Schema extends TSchema, M extends Models>(
  event: EventDefinition<Schema>,
  handler: (messages: readonly Message<Static<Schema>>[], tx: HandlerTransaction<M>) => Promise<void>,
  options: Omit<HandlerOptions, "mode"> = {},
): EventHandler {
  return { ...options, event, handleMany: handler } as unknown as EventHandler;
}
