import { expect, test } from "@jest/globals";
import { DiscardPolicy } from "nats";
import { handle, PermanentError, service } from "postbox";
import { mailbox, scheduler, store } from "postbox/mixins";
import { setup, until } from "postbox/testing";
import { connectNats } from "../../../libs/postbox/nats/connection/connect.ts";
import { mailboxStream } from "../../../libs/postbox/nats/mailbox/names.ts";
import { shareRuntime } from "../../../libs/postbox/node/runtime/shared-runtime.ts";
import { keyed, noted, writeEffect } from "../example-events.ts";

/** The figures of one scrape, by name and labels in the order of the page. */
async function scrape(address: string): Promise<Map<string, number>> {
  const page = await (await fetch(`${address}/metrics`)).text();
  const lines = page.split("\n").filter((line) => line.startsWith("postbox_"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

test("a scrape shows what is open, how old it is, what was done, failed and died, heals and job runs", async () => {
  await using stack = await setup();
  const users = stack.database("users");
  await users.query({ text: "create table effect (position bigserial, event_id uuid, key text, n integer)" });
  const handlers = [
    handle(noted, async (message, tx) => {
      if (message.data.n === 1) throw new PermanentError("never");
      if (message.data.n === 2) throw new Error("not yet");
      await writeEffect(message, tx);
    }),
  ];
  const { broker, metrics } = await stack.startServices([
    service({ name: "auth", mixins: [store("auth", () => ({})), mailbox("auth", () => ({}), [])] }),
    service({ name: "users.worker", mixins: [mailbox("users", () => ({}), handlers)] }),
    service({ name: "users.scheduler", mixins: [scheduler("users", () => ({}), [])] }),
  ]);
  const { runtime, release } = shareRuntime(broker, "auth", () => ({}));
  await runtime.outbox.transaction(async (tx) => {
    for (const n of [1, 2, 3, 4]) tx.enqueue(noted, { n });
    for (const n of [5, 6]) tx.enqueue(keyed, { n }, { key: "a" });
    tx.enqueue(noted, { n: 7 }, { availableAt: new Date(Date.now() + 3_600_000) });
  });
  await release();
  const becomes = (name: string, value: number) =>
    until(async () => (await scrape(metrics)).get(name) === value, { deadlineMs: 15_000, what: `${name} is ${value}` });
  const events = (service: string, table: string, status: string) =>
    `postbox_events{service="${service}",table="${table}",status="${status}"}`;

  await becomes(events("auth", "outbox", "dead"), 1);
  await becomes(events("auth", "outbox", "scheduled"), 1);
  await becomes(events("auth", "outbox", "received"), 3);
  await becomes(events("auth", "outbox", "pending"), 0);
  await becomes(events("users", "inbox", "held"), 1);
  await becomes(events("users", "inbox", "parked"), 1);
  await becomes(events("users", "inbox", "dead"), 1);
  await becomes(events("users", "inbox", "failed"), 1);
  const seen = await scrape(metrics);
  const figure = (name: string) => seen.get(name) ?? 0;
  expect(figure('postbox_oldest_event_age_seconds{service="auth",state="unacked"}')).toBeGreaterThan(0);
  expect(figure('postbox_oldest_event_age_seconds{service="auth",state="unsent"}')).toBe(0);
  expect(figure('postbox_oldest_event_age_seconds{service="users",state="unhandled"}')).toBeGreaterThan(0);
  expect(figure('postbox_outbox_published_total{service="auth"}')).toBe(6);
  expect(figure('postbox_inbox_handled_total{service="users",outcome="processed"}')).toBe(2);
  expect(figure('postbox_inbox_handled_total{service="users",outcome="dead"}')).toBe(1);
  expect(figure('postbox_inbox_handled_total{service="users",outcome="failed"}')).toBeGreaterThanOrEqual(1);
  expect(figure('postbox_acks_total{service="auth",status="processed"}')).toBe(2);
  for (const name of ["outbox_publish_seconds", "ack_seconds"])
    expect(figure(`postbox_${name}_count{service="auth"}`)).toBeGreaterThan(0);
  expect(figure('postbox_inbox_batch_seconds_count{service="users"}')).toBeGreaterThan(0);

  await until(
    async () =>
      ((await scrape(metrics)).get('postbox_job_runs_total{service="users",job="outbox-resend",outcome="done"}') ?? 0) >
      0,
    {
      deadlineMs: 15_000,
      what: "a job has run",
    },
  );
  const nats = await connectNats(stack.config, "test");
  await (await nats.jetstreamManager()).streams.update(mailboxStream("users"), { discard: DiscardPolicy.Old });
  await nats.close();
  await becomes('postbox_stream_heals_total{service="users",fault="misconfigured"}', 1);
});
