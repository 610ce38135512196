import { endsUse } from "../../../postgres/connection/fault.ts";
import { sqlState } from "../../../postgres/connection/sql-state.ts";

/** A handler ran over its time. Its transaction is given up, so that nothing it still does is written. */
export class HandlerTimeout extends Error {
  /** The event that was handled; undefined for a set-based call of several. */
  readonly eventId: string | undefined;

  constructor(message: string, eventId: string | undefined) {
    super(message);
    this.name = "HandlerTimeout";
    this.eventId = eventId;
  }
}

/** The worker stops, and a handler did not end by itself. The event has not failed. */
export class HandlerStopped extends Error {}

/** 25P02: the transaction was aborted before. 26000: a prepared statement went with it. Another handler is at fault. */
export const isCollateral = (error: unknown): boolean => ["25P02", "26000"].includes(sqlState(error) ?? "");

/** The connection is of no use for this transaction any more, whatever its events do. Run all of it on another one. */
export const isConnectionFault = (error: unknown): boolean => endsUse(error) && !isCollateral(error);

/** 40001, 40P01: a serialization failure or a deadlock. Run the whole transaction again. */
export const isConflict = (error: unknown): boolean => ["40001", "40P01"].includes(sqlState(error) ?? "");
