import { type Database, type EventHandler, type Models, service } from "postbox";
import { mailbox, store } from "postbox/mixins";
import { type ServiceRuntime, type Statuses, setup, type TestStack, until } from "postbox/testing";
import { noted, type Publication, plainHandlers } from "./example-events.ts";

export { keyed, noted, type Publication, plainHandlers, writeEffect } from "./example-events.ts";

/** Auth publishes, users handles; both run in this process. */
export interface PublisherAndSubscriber extends AsyncDisposable {
  readonly stack: TestStack;
  readonly auth: Database;
  readonly users: Database;
  /** The one that publishes from the beginning. */
  readonly publisher: Publisher;
  /** Publishes in one transaction of auth. */
  publish(events: readonly Publication[]): Promise<void>;
  startPublisher(): Promise<Publisher>;
  startWorker(handlers: readonly EventHandler<Models, "users">[]): Promise<{ stop(): Promise<void> }>;
  /** The numbers of the effects, in the order they were written. */
  effects(key?: string): Promise<number[]>;
  /** How many outbox rows are in each status. */
  outbox(): Promise<Statuses>;
  inbox(): Promise<Statuses>;
  /** Waits until the outbox rows are just these. */
  outboxBecomes(expected: Record<string, number>): Promise<void>;
}

export interface Publisher {
  readonly runtime: ServiceRuntime;
  stop(): Promise<void>;
}

const authService = service({ name: "auth", mixins: [store("auth", () => ({})), mailbox("auth", () => ({}), [])] });

export async function publisherAndSubscriber(
  handlers: readonly EventHandler<Models, "users">[] = plainHandlers,
): Promise<PublisherAndSubscriber> {
  const stack = await setup();
  const auth = stack.database("auth");
  const users = stack.database("users");
  await users.query({ text: "create table effect (position bigserial, event_id uuid, key text, n integer)" });

  const startPublisher = async (): Promise<Publisher> => {
    const local = await stack.startServices([authService]);
    return { runtime: local.runtime("auth"), stop: local.stop };
  };
  const startWorker = (some: readonly EventHandler<Models, "users">[]) =>
    stack.startServices([service({ name: "users.worker", mixins: [mailbox("users", () => ({}), some)] })]);

  const publisher = await startPublisher();
  if (handlers.length > 0) await startWorker(handlers);

  const outbox = () => stack.outbox("auth");

  return {
    stack,
    auth,
    users,
    publisher,
    startPublisher,
    startWorker,
    publish: (events) =>
      publisher.runtime.outbox.transaction(async (tx) => {
        for (const { event = noted, n, text, ...options } of events)
          tx.enqueue(event, { n, ...(text === undefined ? {} : { text }) }, options);
      }),
    effects: async (key) => {
      const { rows } = await users.query<{ n: number }>({
        text: "select n from effect where $1::text is null or key = $1 order by position",
        values: [key ?? null],
      });
      return rows.map(({ n }) => n);
    },
    outbox,
    inbox: () => stack.inbox("users"),
    outboxBecomes: async (expected) => {
      const what = `the outbox is ${JSON.stringify(expected)}`;
      await until(
        async () => {
          const seen = JSON.stringify(await outbox());
          if (seen !== JSON.stringify(expected)) throw new Error(seen);
          return true;
        },
        { what },
      );
    },
    [Symbol.asyncDispose]: () => stack.stop(),
  };
}
