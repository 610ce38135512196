import { Outbox } from "../../libs/postbox/delivery/outbox/outbox.ts";
import { outboxChannel } from "../../libs/postbox/delivery/outbox/outbox-channel.ts";
import type { Database } from "../../libs/postbox/postgres/database.ts";

/** NATS' default limit of a message in bytes, which the test's nats-server has. */
const maxPayload = 1024 * 1024;

/** The outboxes that a test itself writes to: one a service. Whatever relay of that service runs publishes the rows. */
export function testOutboxes(databaseOf: (service: string) => Database): (service: string) => Outbox {
  const made = new Map<string, Outbox>();
  return (service) => {
    const database = databaseOf(service);
    // The relay runs beside the test or in another process: it hears of new rows as those of any other process are told.
    const onCommit = () => void database.query({ text: `notify ${outboxChannel}` }).catch(() => undefined);
    const outbox = made.get(service) ?? new Outbox(database, { service, maxPayload: () => maxPayload, onCommit });
    made.set(service, outbox);
    return outbox;
  };
}
