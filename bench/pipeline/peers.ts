import { Logger, run as runWorker } from "graphile-worker";
import type pg from "pg";
import { PgBoss } from "pg-boss";
import {
  effectTable,
  freshDatabases,
  type Ground,
  inThousands,
  openPool,
  type Payload,
  payload,
  rate,
  type Subject,
  serverOptions,
} from "./workload.ts";

/** Job queues in one database, without a broker: the same effect row, and a count of what is done. */
export const peers: readonly Subject[] = [
  { subject: "graphile-worker", mode: "concurrent", run: (ground) => graphile(ground) },
  { subject: "graphile-worker-local-queue", mode: "concurrent", run: (ground) => graphile(ground, 500) },
  { subject: "pg-boss", mode: "concurrent", run: boss },
];

const insertEffect = "insert into effect values ($1, $2)";

async function graphile({ config, events }: Ground, localQueue?: number): Promise<number> {
  await freshDatabases(config, "bench_queue");
  const pool = openPool(config, "bench_queue", { max: 12 });
  await pool.query(effectTable);
  const finished = Promise.withResolvers<void>();
  let done = 0;
  const options = {
    pgPool: pool,
    logger: new Logger(() => () => undefined),
    noHandleSignals: true,
    concurrency: 10,
    pollInterval: 50,
    taskList: {
      created: async (
        data: unknown,
        { withPgClient }: { withPgClient: <T>(work: (client: pg.PoolClient) => Promise<T>) => Promise<T> },
      ) => {
        const { user } = data as Payload;
        await withPgClient((client) =>
          client.query({ name: "effect", text: insertEffect, values: [user.id, user.username] }),
        );
        if (++done === events) finished.resolve();
      },
    },
    ...(localQueue && {
      preset: { worker: { localQueue: { size: localQueue }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    }),
  };
  // Installs the schema; then the jobs go in while no worker runs.
  await (await runWorker({ ...options, taskList: { idle: async () => undefined } })).stop();
  const again = openPool(config, "bench_queue", { max: 12 });
  await inThousands(events, (count) =>
    again.query("select graphile_worker.add_job('created', payload => p) from unnest($1::json[]) as p", [
      Array.from({ length: count }, () => JSON.stringify(payload())),
    ]),
  );
  const start = performance.now();
  const runner = await runWorker({ ...options, pgPool: again });
  await finished.promise;
  const perSecond = rate(events, performance.now() - start);
  await runner.stop();
  await Promise.allSettled([pool.end(), again.end()]);
  return perSecond;
}

/** A tenth of the events: it is an order of magnitude slower, and its rate does not depend on the count. */
async function boss({ config, events: all }: Ground): Promise<number> {
  const events = Math.ceil(all / 10);
  await freshDatabases(config, "bench_queue");
  const pool = openPool(config, "bench_queue", { max: 10 });
  await pool.query(effectTable);
  const queue = new PgBoss({ ...serverOptions(config, "bench_queue"), max: 10 });
  await queue.start();
  await queue.createQueue("created");
  await inThousands(events, (count) =>
    queue.insert(
      "created",
      Array.from({ length: count }, () => ({ data: payload() })),
    ),
  );
  const finished = Promise.withResolvers<void>();
  let done = 0;
  const start = performance.now();
  for (let worker = 0; worker < 4; worker++)
    await queue.work<Payload>("created", { batchSize: 100, pollingIntervalSeconds: 0.5 }, async (jobs) => {
      for (const { data } of jobs)
        await pool.query({ name: "effect", text: insertEffect, values: [data.user.id, data.user.username] });
      done += jobs.length;
      if (done === events) finished.resolve();
    });
  await finished.promise;
  const perSecond = rate(events, performance.now() - start);
  await queue.stop({ graceful: false });
  await pool.end();
  return perSecond;
}
