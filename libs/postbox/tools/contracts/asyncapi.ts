import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../core/project/project-root.ts";
import { ackStatuses } from "../../delivery/wire/ack.ts";
import type { EventDefinition } from "../../delivery/wire/define-event.ts";
import { ackStream, ackSubject, durable, mailboxStream } from "../../nats/mailbox/names.ts";

/**
 * The AsyncAPI 3.1 document of the events: a channel for each event and target, one for each way that acknowledgements
 * go, and the operations of both ends. `x-stream` and `x-consumer` name the JetStream objects behind a channel.
 */
export function asyncApiDocument(events: readonly EventDefinition[]) {
  const deliveries = events.flatMap((event) => event.targets.map((target) => ({ event, target })));
  const routes = new Map(
    deliveries.map(({ event, target }) => [ackSubject(event.service, target), { source: event.service, target }]),
  );
  return {
    asyncapi: "3.1.0",
    info: { title: "Postbox", version: releaseVersion(), description: "What the services tell each other." },
    defaultContentType: "application/json",
    channels: Object.fromEntries(
      [
        ...deliveries.map(({ event, target }) => deliveryChannel(event, target)),
        ...[...routes].map(([address, { source }]) => ackChannel(address, source)),
      ].map((channel) => [channel.address, channel]),
    ),
    operations: Object.fromEntries([
      ...deliveries.flatMap(({ event, target }) => {
        const address = event.subjectFor(target);
        return [
          operation("send", event.service, address, messageName(event)),
          operation("receive", target, address, messageName(event)),
        ];
      }),
      ...[...routes].flatMap(([address, { source, target }]) => [
        operation("send", target, address, "acknowledgements"),
        operation("receive", source, address, "acknowledgements"),
      ]),
    ]),
    components: {
      messages: {
        ...Object.fromEntries(events.map((event) => [messageName(event), packMessage(event)])),
        acknowledgements,
      },
    },
  };
}

const messageName = ({ subject, version }: EventDefinition): string => `${subject}.v${version}`;

const reference = (...path: string[]) => ({ $ref: `#/${path.map((part) => part.replaceAll("/", "~1")).join("/")}` });

/** A subject, and what JetStream has for it. */
interface Channel {
  readonly address: string;
  readonly messages: Readonly<Record<string, unknown>>;
  readonly "x-stream": string;
  readonly "x-consumer": string;
}

function deliveryChannel(event: EventDefinition, target: string): Channel {
  return {
    address: event.subjectFor(target),
    messages: { [messageName(event)]: reference("components", "messages", messageName(event)) },
    "x-stream": mailboxStream(target),
    "x-consumer": durable,
  };
}

function ackChannel(address: string, source: string): Channel {
  return {
    address,
    messages: { acknowledgements: reference("components", "messages", "acknowledgements") },
    "x-stream": ackStream(source),
    "x-consumer": durable,
  };
}

function operation(action: "send" | "receive", service: string, address: string, message: string) {
  const body = {
    action,
    channel: reference("channels", address),
    messages: [reference("channels", address, "messages", message)],
    tags: [{ name: service }],
  };
  return [`${service}.${action}.${address}`, body] as const;
}

/** A broker message carries a pack of events of one subject. */
function packMessage({ subject, version, key, schema }: EventDefinition) {
  return {
    name: subject,
    title: `${subject}, version ${version}`,
    payload: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: [
          "event_id",
          "service",
          "event_type",
          "version",
          "key",
          "sequence",
          "generation",
          "occurred_at",
          "data",
          "headers",
        ],
        properties: {
          event_id: { type: "string", format: "uuid" },
          service: { type: "string" },
          event_type: { const: subject },
          version: { const: version },
          key: { type: key ? "string" : ["string", "null"], description: "The mailbox; its events arrive in order." },
          sequence: { type: ["integer", "null"], description: "Place in the mailbox, from 1." },
          generation: { type: "integer", minimum: 0, description: "How often an operator sent it again." },
          tombstone: { const: true, description: "An operator skipped it; there is nothing to handle." },
          occurred_at: { type: "string", format: "date-time" },
          data: JSON.parse(JSON.stringify(schema)),
          headers: { type: "object", additionalProperties: { type: "string" } },
        },
      },
    },
  };
}

const acknowledgements = {
  name: "acknowledgements",
  title: "What a subscriber says of events",
  payload: {
    type: "array",
    items: {
      type: "array",
      description: "Event id, generation, status, attempts, error.",
      items: [
        { type: "string", format: "uuid" },
        { type: "integer" },
        { enum: [...ackStatuses] },
        { type: "integer" },
        { type: ["string", "null"] },
      ],
    },
  },
};

function releaseVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8"));
  return version;
}
