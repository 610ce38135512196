import type { Database } from "../../../postgres/database.ts";
import type { EventSteps } from "../../log/event-steps.ts";
import type { DeliveryMetrics } from "../../metrics/delivery-metrics.ts";
import type { Leases } from "../claims/leases.ts";
import type { HandlerDependencies } from "../handlers/handler-dependencies.ts";
import type { HandlerTable } from "../handlers/handler-table.ts";
import type { FailureLog } from "../log/failure-log.ts";

/** What one worker handles the events of its service with. */
export interface InboxContext {
  readonly service: string;
  readonly database: Database;
  readonly handlers: HandlerTable;
  readonly dependencies: HandlerDependencies;
  readonly leases: Leases;
  readonly metrics: DeliveryMetrics;
  readonly failures: FailureLog;
  /** Logs events that arrive and are handled. Default: nothing is logged. */
  readonly steps?: EventSteps | undefined;
}
