import type { Static, TSchema } from "typebox";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { sqlState } from "../../../postgres/connection/sql-state.ts";
import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { NewRow } from "../../outbox/insert-rows.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { EventDefinition } from "../../wire/define-event.ts";
import type { EventHandler, HandlerTransaction, Message, Models } from "./handler.ts";
import { timeoutOf } from "./handler-table.ts";

/** What all handlers of one worker share. */
export interface HandlerDependencies {
  readonly models: Models;
  readonly outbox: Outbox;
  /** Aborts when the worker stops. */
  readonly stopping: AbortSignal;
}

/** A handler ran over its time. Its transaction is lost: what it still does must not be written. */
export class HandlerTimeout extends Error {
  /** The event it handled; undefined for a set-based call of several. */
  readonly item: string | undefined;

  constructor(message: string, item: string | undefined) {
    super(message);
    this.name = "HandlerTimeout";
    this.item = item;
  }
}

/** The worker stops, and this handler did not end by itself: it is no failure of its event. */
export class HandlerStopped extends Error {}

/** How long a handler may go on after its signal was aborted because the worker stops, in milliseconds. */
const stopGraceMs = 1_000;

/**
 * Runs one handler in the framework's transaction and collects what it enqueues.
 *
 * The handler's own view of it ends with the handler: a statement, a model's call or an event that comes later is
 * refused. A handler that does not end in time, or not soon after the worker stops, is given up.
 *
 * @returns the outbox rows it has enqueued. @throws what the handler threw, HandlerTimeout, or
 * HandlerStopped.
 */
export async function runHandler(
  dependencies: HandlerDependencies,
  transaction: Transaction,
  handler: EventHandler,
  messages: readonly Message[],
): Promise<NewRow[]> {
  if (dependencies.stopping.aborted) throw new HandlerStopped("The worker stops.");
  const rows: NewRow[] = [];
  const ending = new AbortController();
  let over = false;
  const refuseLate = () => {
    if (over)
      throw new PostboxError(
        "transaction-over",
        `A handler of '${handler.event.subject}' went on after its end; await all it does.`,
      );
  };
  const view = transaction.view(refuseLate);
  const tx: HandlerTransaction = {
    models: dependencies.models,
    query: (statement) => view.query(statement),
    enqueue: <Schema extends TSchema>(event: EventDefinition<Schema>, data: Static<Schema>, options = {}) => {
      refuseLate();
      rows.push(...dependencies.outbox.rows(event, data, caused(options, messages)));
    },
    signal: ending.signal,
  };
  const ms = timeoutOf(handler);
  const only = messages.length === 1 ? messages[0]?.id : undefined;
  const givenUp = Promise.withResolvers<never>();
  const giveUp = (error: Error) => {
    transaction.abandon();
    ending.abort(error);
    givenUp.reject(error);
  };
  let timer = setTimeout(
    () => giveUp(new HandlerTimeout(`The handler of '${handler.event.subject}' took longer than ${ms} ms.`, only)),
    ms,
  );
  const hurry = () => {
    ending.abort(dependencies.stopping.reason);
    clearTimeout(timer);
    timer = setTimeout(() => giveUp(new HandlerStopped("The worker stops.")), stopGraceMs);
  };
  dependencies.stopping.addEventListener("abort", hurry);
  try {
    await Promise.race([view.run(() => invoke(handler, messages, tx)), givenUp.promise]);
    return rows;
  } finally {
    over = true;
    clearTimeout(timer);
    dependencies.stopping.removeEventListener("abort", hurry);
  }
}

async function invoke(handler: EventHandler, messages: readonly Message[], tx: HandlerTransaction): Promise<void> {
  if (handler.handleMany) await handler.handleMany(messages, tx);
  else for (const message of messages) await handler.handle?.(message, tx);
}

/** What a handler publishes belongs to the same story as what it handled, and names it as its cause. */
function caused<O extends { headers?: Readonly<Record<string, string>> }>(
  options: O,
  [message]: readonly Message[],
): O {
  if (message === undefined) return options;
  const { correlation_id, traceparent } = message.headers;
  const inherited = {
    ...(correlation_id === undefined ? {} : { correlation_id }),
    ...(traceparent === undefined ? {} : { traceparent }),
    causation_id: message.id,
  };
  return { ...options, headers: { ...inherited, ...options.headers } };
}

/** 25P02: the transaction is aborted already. 26000: a prepared statement went with it. Another handler is to blame. */
export const isCollateral = (error: unknown): boolean => ["25P02", "26000"].includes(sqlState(error) ?? "");

/** 40001, 40P01: a serialization failure or a deadlock; the whole batch runs again. */
export const isConflict = (error: unknown): boolean => ["40001", "40P01"].includes(sqlState(error) ?? "");
