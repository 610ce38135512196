import { expect, test } from "@jest/globals";
import { until } from "postbox/testing";
import { plainHandlers } from "../../../../test/delivery/example-events.ts";
import { deployment } from "../../../../test/delivery/faults/deployment.ts";
import { shareRuntime } from "../../node/runtime/shared-runtime.ts";
import { Leases } from "./claims/leases.ts";
import { HandlerTable } from "./handlers/handler-table.ts";
import { InboxWorker } from "./inbox-worker.ts";
import { FailureLog } from "./log/failure-log.ts";

test("a worker is not ready from the first attempt of a batch that cannot commit", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  const { broker } = await run.startPublisher();
  const reference = shareRuntime(broker, "users", () => ({}));
  await reference.open();
  const { database, outbox, metrics, nats, logger } = reference.runtime;
  const ready = Promise.withResolvers<boolean>();
  const warn = (line: string) => {
    if (line.startsWith("1 events of users wait")) ready.resolve(worker.ready);
  };
  const worker: InboxWorker = new InboxWorker(
    {
      service: "users",
      database,
      handlers: new HandlerTable("users", plainHandlers),
      dependencies: { models: {}, outbox, stopping: new AbortController().signal },
      leases: new Leases(database),
      metrics,
      failures: new FailureLog(logger),
    },
    nats,
    Object.assign(Object.create(logger), { warn }),
  );
  worker.start();
  await until(() => worker.ready, { what: "it is ready" });
  await users.query({ text: "alter table event_inbox add constraint broken check (false) not valid" });
  await ledger.commit([{ n: 1 }]);
  expect(await ready.promise).toBe(false);
  await users.query({ text: "alter table event_inbox drop constraint broken" });
  await ledger.settled();
  await until(() => worker.ready, { what: "it is ready again" });
  await worker.stop();
  await reference.release();
});
