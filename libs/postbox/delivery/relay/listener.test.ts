import { expect, test } from "@jest/globals";
import { Database } from "postbox";
import { setup, startProxy, until } from "postbox/testing";
import { listeners, refuseListeners } from "../../../../test/delivery/refuse-listeners.ts";
import { outboxChannel } from "../outbox/outbox-channel.ts";
import { OutboxListener } from "./listener.ts";

test("a pool and a listener whose lines to Postgres go nowhere can be closed", async () => {
  await using stack = await setup();
  const { options } = stack.database("auth");
  await using link = await startProxy(options);
  const behind = { ...options, port: link.port };
  const database = new Database(behind);
  const listens = Promise.withResolvers<void>();
  const listener = new OutboxListener(behind, listens.resolve);
  listener.start();
  await Promise.all([database.query({ text: "select 1" }), listens.promise]);
  link.hold();
  expect(await Promise.all([database.close(), listener.stop()])).toEqual([undefined, undefined]);
});

test("a listener that is refused, cut off and ended, again and again, listens when it can and tells what it may have missed", async () => {
  await using stack = await setup();
  const auth = stack.database("auth");
  await using link = await startProxy(auth.options);
  let told = 0;
  const tells = (what: string) => {
    const before = told;
    return until(() => told > before, { what });
  };
  const { refused, lift } = await refuseListeners(auth);
  const listener = new OutboxListener({ ...auth.options, port: link.port }, () => {
    told += 1;
  });
  listener.start();
  await refused(3);
  const cutOff = () => link.loseAnswerTo(`listen ${outboxChannel}`);
  const first = cutOff();
  await lift();
  await first;
  await cutOff();
  expect(told).toBe(0);
  await tells("it listens");
  for (let times = 0; times < 3; times++) {
    const again = tells("it listens again");
    await auth.query({ text: `select pg_terminate_backend(pid) ${listeners}` });
    await again;
    const notified = tells("it tells of a commit");
    await auth.query({ text: `notify ${outboxChannel}` });
    await notified;
  }
  await listener.stop();
});
