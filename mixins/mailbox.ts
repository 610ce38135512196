import type { Sequelize } from "sequelize";
import { AckCollector } from "../libs/postbox/delivery/acks/ack-collector.ts";
import { Leases } from "../libs/postbox/delivery/inbox/claims/leases.ts";
import type { EventHandler, Models } from "../libs/postbox/delivery/inbox/handlers/handler.ts";
import { HandlerTable } from "../libs/postbox/delivery/inbox/handlers/handler-table.ts";
import { InboxWorker } from "../libs/postbox/delivery/inbox/inbox-worker.ts";
import { FailureLog } from "../libs/postbox/delivery/inbox/log/failure-log.ts";
import { type RuntimeReference, shareRuntime } from "../libs/postbox/node/runtime/shared-runtime.ts";
import { mixin } from "../libs/postbox/node/service/service.ts";
import { addReadinessCheck } from "../libs/postbox/telemetry/readiness.ts";

interface MailboxFields {
  readonly mailboxRuntime: RuntimeReference<Models>;
  readonly handlerTable: HandlerTable;
  readonly stoppingHandlers: AbortController;
  parts: { stop(): Promise<void> }[];
}

/** A name that the compiler knows. Of any other name, only the start can say which events are sent to it. */
type Literal<Name extends string> = string extends Name ? never : Name;

/** Milliseconds for which handlers may go on when the worker stops; then their signal aborts. */
const graceMs = 10_000;

/**
 * Makes a service file the worker of the service `name`. It reads the service's mailbox, runs the handlers, and settles the
 * acknowledgements of what the service has published.
 *
 * ```ts
 * export default service({
 *   name: "users.worker",
 *   mixins: [mailbox("users", defineModels, handlers)],
 * });
 * ```
 *
 * A stop waits 10 s for running handlers, then aborts their `signal`. What has not committed by then runs again later.
 * Handlers that need other models than `defineModels` makes do not compile, nor do handlers of events that are not sent to
 * `name`.
 *
 * @throws TypeError for two handlers of one event, or a handler of an event that is not sent to `name`.
 */
export function mailbox<const Name extends string, M extends Models>(
  name: Name,
  defineModels: (sequelize: Sequelize) => M,
  handlers: readonly EventHandler<NoInfer<M>, Literal<NoInfer<Name>>>[],
) {
  return mixin<MailboxFields>()({
    created() {
      Object.assign(this, {
        mailboxRuntime: shareRuntime(this.broker, name, defineModels),
        handlerTable: new HandlerTable(name, handlers),
        stoppingHandlers: new AbortController(),
        parts: [],
      });
    },
    async started() {
      await this.mailboxRuntime.open();
      const { database, models, outbox, metrics, nats, logger, steps } = this.mailboxRuntime.runtime;
      const dependencies = { models, outbox, stopping: this.stoppingHandlers.signal };
      const worker = new InboxWorker(
        {
          service: name,
          database,
          handlers: this.handlerTable,
          dependencies,
          leases: new Leases(database),
          metrics,
          failures: new FailureLog(logger),
          steps,
        },
        nats,
        logger,
      );
      const collector = new AckCollector(name, database, nats, logger, metrics, steps);
      worker.start();
      collector.start();
      const unchecked = [
        addReadinessCheck(this.broker, `mailbox:${name}`, () => {
          if (!worker.ready)
            throw new Error("the mailbox is not read: its stream or consumer is missing, or batches fail");
        }),
        addReadinessCheck(this.broker, `acks:${name}`, () => {
          if (!collector.ready)
            throw new Error(
              "acknowledgements are not read: their stream or consumer is missing, or they cannot be written",
            );
        }),
      ];
      this.parts = [{ stop: async () => unchecked.forEach((uncheck) => void uncheck()) }, worker, collector];
    },
    async stopped() {
      const grace = setTimeout(() => this.stoppingHandlers.abort(new Error("The worker stops.")), graceMs);
      for (const part of this.parts) await part.stop();
      clearTimeout(grace);
      await this.mailboxRuntime.release();
    },
  });
}
