import { expect, jest, test } from "@jest/globals";
import type { Database } from "postbox";
import { until } from "postbox/testing";
import { password } from "../auth/api.ts";
import { startIdentity } from "../auth/identity.ts";

// Some forty changes, each of which sees all connections of a service used again.
jest.setTimeout(120_000);

/** Changes of a table that another release may bring while this one runs. `text` is a column of type text. */
const changes = (table: string, text: string): readonly string[] => [
  `alter table ${table} add column added integer`,
  `alter table ${table} add column given integer not null default 7`,
  `alter table ${table} rename column added to renamed`,
  `alter table ${table} rename column renamed to added`,
  `alter table ${table} alter column ${text} type varchar(900)`,
  `alter table ${table} alter column ${text} type text`,
  `alter table ${table} add column rewritten uuid not null default gen_random_uuid()`,
  `alter table ${table} alter column given set default 8`,
  `alter table ${table} add constraint small check (given < 100) not valid`,
  `alter table ${table} validate constraint small`,
  `create index concurrently added_index on ${table} (added)`,
  `create statistics added_statistics on added, given from ${table}`,
  `create view seen as select added, given from ${table}`,
  "drop view seen",
  "create type colour as enum ('red')",
  `alter table ${table} add column colour colour`,
  "alter type colour add value 'blue'",
  `vacuum full ${table}`,
  `alter table ${table} drop column given, drop column added, drop column rewritten, drop column colour`,
  "drop type colour",
];

test("twelve kinds of changes to tables in use fail no request and charge no event", async () => {
  const identity = await startIdentity({ DATABASE_POOL_SIZE: "6" });
  const { api, person, stack } = identity;
  try {
    const people = await Promise.all(["grace", "edsger", "barbara"].map(person));
    await person("ada");
    const failures = new Set<string>();
    let running = true;
    let answered = 0;
    const repeat = async (send: (round: number) => ReturnType<typeof api.send>) => {
      for (let round = 0; running; round++) {
        const { status, body } = await send(round);
        if (status === 200) answered += 1;
        else failures.add(`${status} ${body.code} ${body.detail}`);
      }
    };
    const traffic = [
      // Each further login ends a session of its user, so nobody else is that user.
      repeat(() => api.login("ada", password)),
      ...people.map(({ token }) => repeat(() => api.send("GET /users/me", { token }))),
      ...people.map(({ username, token }) =>
        repeat((round) =>
          api.send("PATCH /users/me/username", { token, json: { new_username: `${username}-${round}` } }),
        ),
      ),
    ];
    const change = async (database: Database, table: string, text: string) => {
      for (const statement of changes(table, text)) {
        await database.query({ text: statement });
        const before = answered;
        await until(() => answered > before + 10, { what: `requests are answered after '${statement}'` });
      }
    };
    const { auth, users } = identity;
    await Promise.all([change(auth, "account", "username"), change(users, "profile", "username")]);
    await Promise.all([change(auth, "event_outbox", "event_type"), change(users, "event_inbox", "event_type")]);
    await Promise.all([change(auth, "outbox_mailbox", "key"), change(users, "inbox_mailbox", "key")]);
    running = false;
    await Promise.all(traffic);
    await stack.settle();
    expect([...failures]).toEqual([]);
    const { rows: charged } = await users.query({
      text: "select * from event_inbox where attempts > 1 or error_message is not null",
    });
    expect(charged).toEqual([]);
    const { rows: unsettled } = await auth.query({
      text: "select * from event_outbox where attempts > 1 or error_message is not null",
    });
    expect(unsettled).toEqual([]);
  } finally {
    await identity.stop();
  }
});
