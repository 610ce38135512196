import { expect, jest, test } from "@jest/globals";
import { Database, handle } from "postbox";
import { startProxy, until } from "postbox/testing";
import { noted, writeEffect } from "../example-events.ts";
import { balanced, Ledger, range } from "../ledger.ts";
import { deployment, load, processed } from "./deployment.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

test("an event whose transaction was begun before those of fifty others and commits after them is published", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await Promise.all([run.startPublisher(), run.startWorker()]);
  const held = Promise.withResolvers<void>();
  const inserted = Promise.withResolvers<void>();
  const slow = run.auth.transaction(async (tx) => {
    await ledger.commit([{ n: 1 }]);
    // It comes after the hook that inserts the outbox row.
    tx.beforeCommit(async () => {
      inserted.resolve();
      await held.promise;
    });
  });
  await inserted.promise;
  await Promise.all(range(2, 51).map((n) => ledger.commit([{ n }])));
  await until(async () => (await processed(run)) === 50, { what: "the fifty are processed" });
  held.resolve();
  await slow;
  await ledger.settled();
  const { rows } = await run.auth.query<{ first: boolean }>({
    text: `select position = (select min(position) from event_outbox) as first from event_outbox where (data->>'n')::int = 1`,
  });
  expect(rows).toEqual([{ first: true }]);
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("connections that Postgres ends all the time end no process and lose nothing", async () => {
  await using run = await deployment();
  const { ledger } = run;
  const processes = await Promise.all([run.spawnPublisher(), run.spawnWorker()]);
  run.resend();
  const endings: string[] = [];
  for (const { ended } of processes) void ended.then((how) => endings.push(how));
  const events = load(ledger);
  for (const _ of range(1, 15)) {
    const before = await processed(run);
    await run.auth.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = any($1) and application_name <> 'postbox-test'`,
      values: [[run.auth.options.database, run.users.options.database]],
    });
    await until(async () => (await processed(run)) > before, { what: "events flow" });
  }
  await events.stop();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  expect(endings).toEqual([]);
});

test.each(["worker", "relay"])("a %s that loses the answers to its COMMITs loses and doubles nothing", async (who) => {
  await using run = await deployment();
  const { ledger } = run;
  await using link = await startProxy((who === "worker" ? run.users : run.auth).options);
  const linked = { env: { POSTGRES_PORT: `${link.port}` } };
  await Promise.all([
    run.spawnPublisher(who === "relay" ? linked : {}),
    run.spawnWorker(who === "worker" ? linked : {}),
  ]);
  run.resend();
  for (const from of [1, 11, 21, 31]) {
    const lost = link.loseAnswerTo("COMMIT");
    await ledger.commitRange(from, from + 9, 5);
    await lost;
  }
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});

test("of a transaction whose COMMIT is not answered, the change and its event stand or fall together", async () => {
  await using run = await deployment();
  await Promise.all([run.startPublisher(), run.startWorker()]);
  await using link = await startProxy(run.auth.options);
  const database = new Database({ ...run.auth.options, host: "127.0.0.1", port: link.port });
  const remote = new Ledger(run.stack, database);
  const lost = link.loseAnswerTo("COMMIT");
  await expect(remote.commit([{ n: 1 }])).rejects.toThrow();
  await lost;
  await remote.commit([{ n: 2 }]);
  await run.ledger.settled();
  expect(await run.ledger.imbalance()).toEqual(balanced);
  await database.close();
});

test("serialization failures are tried again and count as no attempt", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  await users.query({ text: "create sequence inserts" });
  await users.query({
    text: `create function conflict() returns trigger language plpgsql as $$
      begin
        if nextval('inserts') % 40 = 0 then raise exception 'made up' using errcode = '40001'; end if;
        return new;
      end $$`,
  });
  await users.query({
    text: "create trigger conflict before insert on effect for each row execute function conflict()",
  });
  await Promise.all([run.startPublisher(), run.startWorker()]);
  await ledger.commitRange(1, 500, 10);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  const { rows } = await run.auth.query({ text: "select from event_outbox where attempts > 1" });
  expect(rows).toHaveLength(0);
});

test("handlers that deadlock all take effect once", async () => {
  await using run = await deployment();
  const { ledger, users } = run;
  await users.query({ text: `alter database ${users.options.database} set deadlock_timeout = '20ms'` });
  await users.query({ text: "create table counter (id integer primary key, n integer not null)" });
  await users.query({ text: "insert into counter values (0, 0), (1, 0)" });
  const crossing = handle(noted, async (message, tx) => {
    const first = message.data.n % 2;
    for (const id of [first, 1 - first])
      await tx.query({ text: "update counter set n = n + 1 where id = $1", values: [id] });
    await writeEffect(message, tx);
  });
  await Promise.all([run.startPublisher(), run.startWorker([crossing]), run.startWorker([crossing])]);
  await Promise.all(range(0, 3).map((lane) => ledger.commitRange(lane * 100 + 1, lane * 100 + 100)));
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
  const { rows } = await users.query({ text: "select n from counter" });
  expect(rows).toEqual([{ n: 400 }, { n: 400 }]);
});
