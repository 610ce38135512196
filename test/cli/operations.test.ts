import { expect, jest, test } from "@jest/globals";
import { setup, type TestStack, until } from "postbox/testing";
import { changePassword } from "../../libs/auth/events.ts";
import { Outbox } from "../../libs/postbox/delivery/outbox/outbox.ts";
import { postbox } from "./postbox.ts";

// Each test starts whole commands, which take seconds each on a busy machine.
jest.setTimeout(180_000);

test("a dead letter is listed, shown, sent again and let go, and each is written down with who did it", async () => {
  await using stack = await setup();
  const [first, second] = await deadLetters(stack, 2);
  const answer = async (...words: string[]) => {
    const { stdout, stderr } = await postbox([...words, "--json"], stack.config);
    return stdout === "" ? stderr : JSON.parse(stdout);
  };

  expect(await answer("dead", "list")).toMatchObject([
    { service: "auth", id: first, event_type: "auth.change.password", target: "emails", error_message: "broken" },
    { id: second },
  ]);
  expect(await answer("outbox", "show", "auth", `${first}`)).toMatchObject({ status: "dead", data: { user_id: user } });
  expect(await answer("dead", "replay", "auth", `${first}`)).toEqual({ service: "auth", verb: "replay", ids: [first] });
  expect(await answer("dead", "replay", "auth", `${first}`)).toContain("only a dead one can be resolved");
  expect(await answer("dead", "skip", "auth", "--target", "emails")).toMatchObject({ ids: [second] });
  expect(await answer("outbox", "list", "auth", "--status", "pending")).toMatchObject([{ id: second }, { id: first }]);
  expect(await actions(stack)).toEqual([
    { actor: expect.stringMatching(/^cli:/), action: "replay", subject: first },
    { actor: expect.stringMatching(/^cli:/), action: "skip", subject: second },
  ]);
});

test("dead letters are also those of the service that could not handle them, and an id of others is told whose it is", async () => {
  await using stack = await setup();
  const [first, second] = await deadLetters(stack, 2);
  const listed = await postbox(["dead", "list", "emails", "--json"], stack.config);
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { service: "auth", id: first, target: "emails" },
    { service: "auth", id: second },
  ]);
  expect((await postbox(["dead", "list", "users"], stack.config)).stdout).toContain("There are no dead letters.");

  expect(await postbox(["dead", "replay", "users", `${first}`], stack.config)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`Event ${first} was published by auth for emails`),
  });
  expect((await postbox(["dead", "replay", "emails", `${first}`], stack.config)).stdout).toContain(
    "1 dead letter of auth for emails sent again.",
  );
  expect((await postbox(["dead", "skip", "emails", "--all"], stack.config)).stdout).toContain(
    "1 dead letter of auth for emails let go.",
  );
  expect(await actions(stack)).toMatchObject([
    { action: "replay", subject: first },
    { action: "skip", subject: second },
  ]);
});

test("failed events are tried again at once, and the operator is written down", async () => {
  await using stack = await setup();
  const users = stack.database("users");
  const id = (n: number) => `01975a2e-0000-7000-8000-00000000000${n}`;
  await users.query({
    text: `insert into event_inbox (id, source, event_type, version, key, payload_hash, status, attempts, error_message,
        next_attempt_at, started_at)
      select ('01975a2e-0000-7000-8000-00000000000' || n)::uuid, 'auth', type, 1, key, 'x', status, 3,
        E'Error: no stock\n    at reserve (services/stock/events.ts:1:1)', now() + interval '15 minutes', started::timestamptz
      from (values (1, 'auth.a', 'k', 'failed', null), (2, 'auth.b', null, 'failed', null),
        (3, 'auth.b', null, 'failed', now()::text), (4, 'auth.a', null, 'dead', null))
        as row (n, type, key, status, started)`,
  });
  const retry = (...words: string[]) => postbox(["inbox", "retry", "users", ...words], stack.config);
  const due = async () => {
    const { rows } = await users.query<{ id: string }>({
      text: "select id from event_inbox where next_attempt_at <= now() order by id",
    });
    return rows.map((row) => row.id);
  };

  expect(await retry()).toMatchObject({ code: 2, stderr: expect.stringContaining("--all for every failed event") });
  expect(await retry(id(4))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      "is 'dead'; only a failed one waits for its next try; run postbox dead replay auth",
    ),
  });
  expect((await retry(id(1))).stdout).toContain("1 failed event is tried again by users now.");
  expect(await due()).toEqual([id(1)]);
  expect(JSON.parse((await retry("--event", "auth.b", "--json")).stdout)).toEqual({ service: "users", ids: [id(2)] });
  expect(await due()).toEqual([id(1), id(2)]);
  expect(await actions(stack, "users")).toEqual([
    { actor: expect.stringMatching(/^cli:/), action: "retry", subject: id(1) },
    { actor: expect.stringMatching(/^cli:/), action: "retry", subject: id(2) },
  ]);

  // A list has the first line of an error, and one event its stack frames too.
  expect((await postbox(["inbox", "list", "users"], stack.config)).stdout).not.toContain("at reserve");
  expect((await postbox(["inbox", "show", "users", id(1)], stack.config)).stdout).toMatch(
    /Error: no stock\n.*at reserve \(services\/stock\/events\.ts:1:1\)/,
  );
});

test("what a subscriber has lost is sent again since a moment, which must be a time with its zone", async () => {
  await using stack = await setup();
  await deadLetters(stack, 2);
  await stack.database("auth").query({
    text: "update event_outbox set status = 'processed', processed_at = now(), first_published_at = now()",
  });
  const resend = (...words: string[]) => postbox(["outbox", "resend", "auth", ...words], stack.config);
  const since = "2026-01-31T14:30:00Z";

  expect(await resend("--target", "emails", "--since", "yesterday")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--since is 'yesterday'; write a time with its zone"),
  });
  expect(await resend("--target", "email", "--since", since)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("emails"),
  });
  expect(await resend("--since", since)).toMatchObject({ code: 2, stderr: expect.stringContaining("--target") });
  const { stdout } = await resend("--target", "emails", "--since", since, "--json");
  expect(JSON.parse(stdout)).toEqual({ service: "auth", target: "emails", since: new Date(since).toJSON(), events: 2 });
  expect(await resend("--target", "emails", "--since", since)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("0 events of auth sent to emails again."),
  });
  expect(await actions(stack)).toEqual([
    { actor: expect.stringMatching(/^cli:/), action: "resend", subject: "emails" },
  ]);
});

test("to replay without saying what is refused", async () => {
  await using stack = await setup();

  const { code, stderr } = await postbox(["dead", "replay", "auth"], stack.config);

  expect(stderr).toContain("Say which: ids, --event, --target or --key; or --all");
  expect(code).toBe(2);
});

test("a job is run now, paused, refused while paused, and resumed", async () => {
  await using stack = await setup();
  await stack.startServices(["auth.scheduler"]);
  const database = stack.database("auth");
  await until(
    async () => (await database.query({ text: "select from job where name = 'retention'" })).rowCount,
    patient,
  );
  const verb = (...words: string[]) => postbox(["jobs", ...words], stack.config);

  expect(await verb("run", "auth", "retention")).toMatchObject({ code: 0 });
  await until(async () => {
    const { stdout } = await verb("runs", "auth", "retention", "--json");
    return JSON.parse(stdout).some(({ status }: { status: string }) => status === "done");
  }, patient);
  expect(await verb("pause", "auth", "retention")).toMatchObject({ code: 0 });
  expect(await verb("run", "auth", "retention")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is paused"),
  });
  expect((await verb("list", "auth")).stdout).toMatch(/retention .* paused/);
  expect(await verb("resume", "auth", "retention")).toMatchObject({ code: 0 });
  expect(await verb("pause", "auth", "retentoin")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("has no job 'retentoin'"),
  });
});

test("the inbox lists what is not done", async () => {
  await using stack = await setup();
  await stack.database("users").query({
    text: `insert into event_inbox (id, source, event_type, version, payload_hash, status, error_message)
      values ('01975a2e-0000-7000-8000-000000000001', 'auth', 'auth.create.user', 1, 'x', 'failed', 'broken'),
        ('01975a2e-0000-7000-8000-000000000002', 'auth', 'auth.create.user', 1, 'x', 'processed', null)`,
  });

  const { stdout } = await postbox(["inbox", "list"], stack.config);

  expect(stdout).toMatch(/users .* 01975a2e-0000-7000-8000-000000000001 .* failed .* broken/);
  expect(stdout).not.toContain("000000000002");
});

const patient = { deadlineMs: 60_000 };

const user = "01975a2e-0000-7000-8000-00000000000a";

/** Events of auth that are dead before anything could send them. */
async function deadLetters(stack: TestStack, count: number): Promise<string[]> {
  const database = stack.database("auth");
  const outbox = new Outbox(database, { service: "auth", maxPayload: () => 1_000_000, onCommit: () => undefined });
  await outbox.transaction(async (tx) => {
    for (let made = 0; made < count; made += 1) tx.enqueue(changePassword, { user_id: user });
  });
  const { rows } = await database.query<{ id: string }>({
    text: "update event_outbox set status = 'dead', error_message = 'broken' returning id",
  });
  return rows.map(({ id }) => id).sort();
}

async function actions(stack: TestStack, service = "auth") {
  const { rows } = await stack.database(service).query({
    text: "select actor, action, subject from operator_action order by at",
  });
  return rows;
}
