import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import type { JetStreamManager } from "nats";
import { setup, until } from "postbox/testing";
import { connectNats } from "../../libs/postbox/nats/connection/connect.ts";
import { asyncApiDocument } from "../../libs/postbox/tools/contracts/asyncapi.ts";
import { loadEvents } from "../../libs/postbox/tools/contracts/load-events.ts";

test("the AsyncAPI document of all events is valid", async () => {
  const schema: object = createRequire(import.meta.url)("@asyncapi/specs/schemas/3.1.0-without-$id.json");
  const ajv = new Ajv({ strict: false, validateFormats: false });

  ajv.validate(schema, asyncApiDocument(await loadEvents()));

  expect(ajv.errors).toBeNull();
});

test("every channel of it is a subject that a live stream takes, with the consumer it names", async () => {
  await using stack = await setup();
  const events = await loadEvents();
  const services = new Set(events.flatMap(({ service, targets }) => [service, ...targets]));
  await stack.startServices([...services].map((service) => `${service}.worker`));
  const nats = await connectNats(stack.config, "asyncapi-test");
  const manager = await nats.jetstreamManager();
  const { channels } = asyncApiDocument(events);

  for (const channel of Object.values(channels)) {
    const { address, "x-stream": stream, "x-consumer": consumer } = channel;
    await until(() => manager.streams.find(address), { what: `a stream takes ${address}` });
    expect({ address, stream: await manager.streams.find(address) }).toEqual({ address, stream });
    await until(async () => (await consumersOf(manager, stream)).includes(consumer), {
      what: `${stream} has the consumer ${consumer}`,
    });
  }
  await nats.close();
});

async function consumersOf(manager: JetStreamManager, stream: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of manager.consumers.list(stream)) names.push(name);
  return names;
}
