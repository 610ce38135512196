import { describe, expect, test } from "@jest/globals";
import type { ConsumerInfo, StreamInfo } from "nats";
import type { Inspection } from "../mailbox/inspect.ts";
import { mailboxOf } from "../mailbox/mailbox-definition.ts";
import { faultOf } from "./mailbox-fault.ts";

const definition = mailboxOf("users");

interface Position {
  first: number;
  last: number;
  messages: number;
  delivered: number;
  ackFloor: number;
}

/** What the broker says of a mailbox that is as it should be, 10 messages in and the first 4 of them done. */
function seen(position: Partial<Position> = {}, changes: { stream?: object; consumer?: object } = {}): Inspection {
  const { first, last, messages, delivered, ackFloor } = {
    ...{ first: 5, last: 10, messages: 6, delivered: 7, ackFloor: 4 },
    ...position,
  };
  return {
    stream: {
      config: { ...definition.stream, ...changes.stream },
      state: { first_seq: first, last_seq: last, messages },
    } as StreamInfo,
    consumer: {
      config: { ...definition.consumer, ...changes.consumer },
      delivered: { stream_seq: delivered, consumer_seq: delivered },
      ack_floor: { stream_seq: ackFloor, consumer_seq: ackFloor },
    } as ConsumerInfo,
  };
}

test("a mailbox that is at work has no fault, nor an empty one, nor a new one", () => {
  expect(faultOf(definition, seen())).toBeUndefined();
  expect(faultOf(definition, seen({ first: 11, messages: 0, delivered: 10, ackFloor: 10 }))).toBeUndefined();
  expect(faultOf(definition, seen({ first: 0, last: 0, messages: 0, delivered: 0, ackFloor: 0 }))).toBeUndefined();
});

test("a stream or a consumer that is not there is missing", () => {
  expect(faultOf(definition, { stream: undefined, consumer: undefined })).toBe("stream-missing");
  expect(faultOf(definition, { ...seen(), consumer: undefined })).toBe("consumer-missing");
});

describe.each([
  ["stream", "retention", "limits"],
  ["stream", "discard", "old"],
  ["stream", "subjects", ["other.>"]],
  ["consumer", "ack_policy", "none"],
  ["consumer", "max_deliver", 5],
  ["consumer", "filter_subject", "users.auth.note"],
])("the %s's %s", (part, setting, other) => {
  test("has been changed: the mailbox is misconfigured", () => {
    expect(faultOf(definition, seen({}, { [part]: { [setting]: other } }))).toBe("misconfigured");
  });
});

describe.each([
  ["stream", "duplicate_window", 1],
  ["consumer", "ack_wait", 1],
  ["consumer", "max_ack_pending", 1],
])("the %s's %s", (part, setting, other) => {
  const changes = { [part]: { [setting]: other } };

  test("is another release's: the mailbox is outdated", () => {
    expect(faultOf(definition, seen({}, changes))).toBe("outdated");
  });

  test("hides nothing worse by being another release's", () => {
    expect(faultOf(definition, seen({ first: 4 }, changes))).toBe("message-below-ack-floor");
  });
});

test("a consumer that has delivered what the stream never had shows that the stream went backwards", () => {
  expect(faultOf(definition, seen({ last: 6 }))).toBe("stream-behind-consumer");
  expect(faultOf(definition, seen({ first: 0, last: 0, messages: 0 }))).toBe("stream-behind-consumer");
});

test("a message where all is acknowledged shows that the stream went backwards and grew again", () => {
  expect(faultOf(definition, seen({ first: 4 }))).toBe("message-below-ack-floor");
});
