import type { Database } from "../database/database.ts";
import type { DeliveryMetrics } from "../messaging/metrics.ts";
import type { Workshop } from "./handler-scope.ts";
import type { HandlerTable } from "./handler-table.ts";
import type { Leases } from "./leases.ts";

/** What a worker handles events with. */
export interface InboxContext {
  readonly service: string;
  readonly database: Database;
  readonly handlers: HandlerTable;
  readonly workshop: Workshop;
  readonly leases: Leases;
  readonly metrics: DeliveryMetrics;
}
