import type { Logger } from "moleculer";
import type { NatsConnection } from "nats";
import type { Database } from "../../postgres/database.ts";
import type { Models } from "../inbox/handlers/handler.ts";
import type { DeliveryMetrics } from "../metrics/delivery-metrics.ts";
import type { Outbox } from "../outbox/outbox.ts";

/** What the jobs of one service need in order to run. */
export interface JobDependencies {
  /** The service. */
  readonly name: string;
  readonly database: Database;
  readonly models: Models;
  readonly nats: NatsConnection;
  readonly outbox: Outbox;
  readonly logger: Logger;
  readonly metrics: DeliveryMetrics;
}
