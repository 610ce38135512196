import { expect, test } from "@jest/globals";
import type { Database } from "postbox";
import { setup, startProxy, until } from "postbox/testing";
import { outboxChannel } from "../../../libs/postbox/delivery/outbox/outbox-channel.ts";
import { OutboxListener } from "../../../libs/postbox/delivery/relay/listener.ts";
import { balanced } from "../ledger.ts";
import { deployment } from "./deployment.ts";

/** From now on Postgres lets no listener in, and counts those that come. */
async function refuseListeners(database: Database) {
  await database.query({ text: "create sequence refusals" });
  await database.query({
    text: `create function refuse_listeners() returns event_trigger language plpgsql as $$
      begin
        if current_setting('application_name') like '%-listen' then
          perform nextval('refusals');
          raise 'no listeners now';
        end if;
      end $$`,
  });
  await database.query({ text: "create event trigger refuse_listeners on login execute function refuse_listeners()" });
  return {
    refused: (times: number) =>
      until(
        async () => {
          const { rows } = await database.query({
            text: "select from refusals where last_value >= $1",
            values: [times],
          });
          return rows.length === 1;
        },
        { what: `listeners were refused ${times} times` },
      ),
    lift: () => database.query({ text: "drop event trigger refuse_listeners" }),
  };
}

/** The server processes of listeners that are connected to this database. */
const listeners = "from pg_stat_activity where datname = current_database() and application_name like '%-listen'";

test("a relay that is not let listen publishes by its sweep, and listens once it is let", async () => {
  await using run = await deployment();
  const { ledger, auth } = run;
  const { refused, lift } = await refuseListeners(auth);
  await Promise.all([run.startPublisher(), run.startWorker()]);
  await refused(3);
  await ledger.commitRange(1, 20, 5);
  await ledger.settled();
  await lift();
  const listens = async () =>
    (await auth.query({ text: `select ${listeners} and query = 'listen ${outboxChannel}' and state = 'idle'` })).rows;
  await until(async () => (await listens()).length === 1, { what: "it listens" });
  await ledger.commit([{ n: 21 }]);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
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
