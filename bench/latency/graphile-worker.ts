import { Logger, makeWorkerUtils, run, type TaskList } from "graphile-worker";
import { freshDatabases, type Ground, openPool } from "../pipeline/workload.ts";
import { latencies, type Offer, offerSteadily } from "./offer.ts";

/** graphile-worker without its local queue, whose batches cost latency. */
export async function measureGraphile({ config }: Ground, offer: Offer): Promise<number[]> {
  await freshDatabases(config, "latency_queue");
  const pool = openPool(config, "latency_queue", { max: 20 });
  await pool.query("create table effect (n integer primary key)");
  const logger = new Logger(() => () => undefined);
  const done = new Map<number, number>();
  const finished = Promise.withResolvers<void>();
  const taskList: TaskList = {
    counted: async (payload, { withPgClient }) => {
      const { n } = payload as { n: number };
      await withPgClient((client) =>
        client.query({ name: "effect", text: "insert into effect values ($1)", values: [n] }),
      );
      done.set(n, performance.now());
      if (done.size === offer.events) finished.resolve();
    },
  };
  const queue = await makeWorkerUtils({ pgPool: pool, logger });
  await queue.migrate();
  const runner = await run({ pgPool: pool, logger, noHandleSignals: true, concurrency: 10, taskList });
  const committed = await offerSteadily(offer, async (n) => void (await queue.addJob("counted", { n })));
  await finished.promise;
  await runner.stop();
  await queue.release();
  await pool.end().catch(() => undefined);
  return latencies(committed, done);
}
