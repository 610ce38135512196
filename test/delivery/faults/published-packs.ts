import type { TestStack } from "postbox/testing";

/** What was published to users, as the broker passes it on. */
export interface PublishedPacks extends AsyncDisposable {
  /** The ids of the events of each pack that had any. */
  readonly packs: readonly (readonly string[])[];
}

/** Hears everything that is published to users. */
export async function recordPublishedPacks(stack: TestStack): Promise<PublishedPacks> {
  const nats = await stack.connectNats();
  const packs: string[][] = [];
  nats.subscribe("users.auth.>", {
    callback: (_error, message) => {
      const ids = message.json<{ event_id: string }[]>().map(({ event_id }) => event_id);
      if (ids.length > 0) packs.push(ids);
    },
  });
  await nats.flush();
  return { packs, [Symbol.asyncDispose]: () => nats.close() };
}
