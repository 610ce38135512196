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
  await database.transaction(async () => {
    for (let made = 0; made < count; made += 1) outbox.enqueue(changePassword, { user_id: user });
  });
  const { rows } = await database.query<{ id: string }>({
    text: "update event_outbox set status = 'dead', error_message = 'broken' returning id",
  });
  return rows.map(({ id }) => id).sort();
}

async function actions(stack: TestStack) {
  const { rows } = await stack.database("auth").query({
    text: "select actor, action, subject from operator_action order by at",
  });
  return rows;
}
