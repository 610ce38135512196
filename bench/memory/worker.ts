import { connect } from "nats";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { handle } from "../../libs/postbox/delivery/inbox/handlers/handler.ts";
import { makeSubscriber, type Services } from "../engine.ts";
import { effectTable } from "../pipeline/workload.ts";
import { createdOf } from "./events.ts";

/** What the benchmark's process tells this one to begin with. */
export interface Begin {
  readonly config: Config;
  readonly services: Services;
}

/** What this process tells, every half a second: bytes of its memory, and how many events it has handled. */
export interface Sample {
  readonly rss: number;
  readonly handled: number;
}

process.once("message", async ({ config, services }: Begin) => {
  const nats = await connect({ servers: config.NATS_URL ?? "" });
  let handled = 0;
  const handler = handle(
    createdOf(services),
    async ({ data: { user } }, tx) => {
      await tx.query({
        name: "effect",
        text: "insert into effect values ($1, $2)",
        values: [user.id, user.username],
      });
      handled += 1;
    },
    { mode: "concurrent" },
  );
  const { receive, stop } = await makeSubscriber({ config, nats }, services, handler, effectTable);
  await receive();
  const tell = () => process.send?.({ rss: process.memoryUsage.rss(), handled } satisfies Sample);
  tell();
  const telling = setInterval(tell, 500);
  process.once("message", async () => {
    clearInterval(telling);
    await stop();
    await nats.close();
    process.disconnect?.();
  });
});
