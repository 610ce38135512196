import { expect, test } from "@jest/globals";
import { statuses, until } from "postbox/testing";
import { Resender } from "../../../libs/postbox/delivery/jobs/resend-unacked.ts";
import { DeliveryMetrics } from "../../../libs/postbox/delivery/metrics/delivery-metrics.ts";
import { type Deployment, deployment } from "../faults/deployment.ts";
import { failpoint } from "../faults/failpoint.ts";
import { balanced } from "../ledger.ts";

/** Ten events that were handled while nobody collects acknowledgements: these wait in the ack stream. */
async function unanswered(run: Deployment): Promise<void> {
  const [publisher] = await Promise.all([run.startPublisher(), run.startWorker()]);
  await using handling = await failpoint(run.users, "after insert on effect for each statement");
  await run.ledger.commitRange(1, 10, 10);
  await handling.reached();
  await until(async () => (await statuses(run.auth, "event_outbox")).published === 10, { what: "all are published" });
  await publisher.stop();
  await handling.lift();
  await until(async () => (await run.jsm.streams.info("auth_acks")).state.messages > 0, { what: "acks wait for auth" });
  await until(async () => (await run.jsm.consumers.info("users_stream", "mailbox")).num_ack_pending === 0, {
    what: "the consumer has passed all",
  });
  await run.auth.query({ text: "update event_outbox set published_at = now() - interval '1 hour'" });
}

/** A resender whose clock the test moves; it differs from the broker's by `skew` milliseconds. */
function resenderOf({ auth, nats }: Deployment, skew = 0): { look(): Promise<void>; pass(ms: number): void } {
  let now = Date.now() + skew;
  const resender = new Resender(
    { name: "auth", database: auth, nats, metrics: new DeliveryMetrics("auth") },
    { now: () => now },
  );
  return {
    look: () => resender.run(),
    pass: (ms) => {
      now += ms;
    },
  };
}

test("what the broker still holds acknowledgements for is not sent again, however long they wait", async () => {
  await using run = await deployment();
  await unanswered(run);
  const { look, pass } = resenderOf(run);
  for (let looks = 0; looks < 20; looks++) {
    await look();
    pass(5_000);
  }
  expect(await statuses(run.auth, "event_outbox")).toEqual({ published: 10 });
  await run.startPublisher();
  await run.ledger.settled();
  const { rows } = await run.auth.query({ text: "select from event_outbox where send_number > 0" });
  expect(rows).toEqual([]);
  expect(await run.ledger.imbalance()).toEqual(balanced);
});

test("an event whose acknowledgement is lost is sent again once that was seen for longer than one is under way", async () => {
  await using run = await deployment();
  await unanswered(run);
  await run.jsm.streams.purge("auth_acks");
  const { look, pass } = resenderOf(run);
  await look();
  pass(10_000);
  await look();
  // However long ago it was published: the consumer may have passed it only now.
  expect(await statuses(run.auth, "event_outbox")).toEqual({ published: 10 });
  pass(10_000);
  await look();
  expect(await statuses(run.auth, "event_outbox")).toEqual({ pending: 10 });
  await run.startPublisher();
  await run.ledger.settled();
  expect(await run.ledger.imbalance()).toEqual(balanced);
});

test("a clock that is not the broker's makes no difference", async () => {
  for (const skew of [-600_000, 600_000]) {
    await using run = await deployment();
    await unanswered(run);
    const { look, pass } = resenderOf(run, skew);
    await look();
    // Others are answered all the time: each ack waits for a moment only.
    for (let seconds = 0; seconds < 30; seconds += 5) {
      await run.jsm.streams.purge("auth_acks");
      await run.nats.jetstream().publish("ack.auth.users", "[]");
      pass(5_000);
      await look();
    }
    expect(await statuses(run.auth, "event_outbox")).toEqual({ pending: 10 });
  }
});

test("an acknowledgement that came late to its stream is waited for as one that came in time", async () => {
  await using run = await deployment();
  await unanswered(run);
  const late = await run.jsm.streams.getMessage("auth_acks", { last_by_subj: "ack.auth.users" });
  await run.jsm.streams.purge("auth_acks");
  const { look, pass } = resenderOf(run);
  pass(-10_000);
  await look();
  await run.nats.jetstream().publish(late.subject, late.data);
  pass(16_000);
  await look();
  expect(await statuses(run.auth, "event_outbox")).toEqual({ published: 10 });
});

test("events that a stream has lost are sent again although acknowledgements wait", async () => {
  await using run = await deployment();
  await unanswered(run);
  await run.jsm.streams.delete("users_stream");
  await until(async () => (await run.jsm.streams.info("users_stream")).state.last_seq === 0, {
    what: "the stream is made anew",
  });
  const { look, pass } = resenderOf(run);
  pass(60_000);
  await look();
  expect(await statuses(run.auth, "event_outbox")).toEqual({ pending: 10 });
});
