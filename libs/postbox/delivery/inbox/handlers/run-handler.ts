import { setImmediate as nextTurn } from "node:timers/promises";
import type { Static, TSchema } from "typebox";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import type { Transaction } from "../../../postgres/transaction/transaction.ts";
import type { NewRow } from "../../outbox/insert-rows.ts";
import type { EventDefinition } from "../../wire/define-event.ts";
import type { EventHandler, HandlerTransaction, Message } from "./handler.ts";
import { timeoutOf } from "./handler-defaults.ts";
import type { HandlerDependencies } from "./handler-dependencies.ts";
import { HandlerStopped, HandlerTimeout } from "./handler-errors.ts";

/** Milliseconds for which a handler may go on after its signal was aborted because the worker stops. */
const stopGraceMs = 1_000;

/**
 * Runs one handler in the runtime's transaction and collects the events it enqueues.
 *
 * The handler's view of the transaction ends with the handler. A statement, a model's call or an event that comes later
 * is refused. Where a model's call shows up at once, an `await` is missing, and the handler fails.
 *
 * A handler that is late, or goes on for longer than `stopGraceMs` while the worker stops, is given up together with
 * the transaction.
 *
 * @returns the outbox rows of the events that the handler enqueued.
 * @throws what the handler threw, HandlerTimeout or HandlerStopped.
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
  let phase: "running" | "returned" | "over" = "running";
  let wentOn = false;
  const refusal = () =>
    new PostboxError(
      "transaction-over",
      `A handler of '${handler.event.subject}' went on after its end; await all it does.`,
    );
  const refuseWhenOver = () => {
    if (phase === "over") throw refusal();
    // Let through, because nobody would await the refusal either: the handler itself fails for it.
    if (phase === "returned") wentOn = true;
  };
  const view = transaction.view(refuseWhenOver);
  const tx: HandlerTransaction = {
    models: dependencies.models,
    query: (statement) => view.query(statement),
    enqueue: <Schema extends TSchema>(event: EventDefinition<Schema>, data: Static<Schema>, options = {}) => {
      refuseWhenOver();
      rows.push(...dependencies.outbox.rows(event, data, withCause(options, messages)));
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
  const stop = () => {
    ending.abort(dependencies.stopping.reason);
    clearTimeout(timer);
    timer = setTimeout(() => giveUp(new HandlerStopped("The worker stops.")), stopGraceMs);
  };
  dependencies.stopping.addEventListener("abort", stop);
  try {
    await Promise.race([view.run(() => invoke(handler, messages, tx)), givenUp.promise]);
    phase = "returned";
    // A model's call that nobody awaits sends its statement in this turn of the event loop.
    if (view.hasModels()) await nextTurn();
    if (wentOn) throw refusal();
    return rows;
  } finally {
    phase = "over";
    clearTimeout(timer);
    dependencies.stopping.removeEventListener("abort", stop);
  }
}

async function invoke(handler: EventHandler, messages: readonly Message[], tx: HandlerTransaction): Promise<void> {
  if (handler.handleMany) await handler.handleMany(messages, tx);
  else for (const message of messages) await handler.handle?.(message, tx);
}

/**
 * An event that a handler publishes joins the trace of the event that was handled, and names that event as its cause.
 */
function withCause<O extends { headers?: Readonly<Record<string, string>> }>(
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
