import type { Outbox } from "../../outbox/outbox.ts";
import type { Models } from "./handler.ts";

/** What all handlers of one worker share. */
export interface HandlerDependencies {
  readonly models: Models;
  readonly outbox: Outbox;
  /** Aborts when the worker stops. */
  readonly stopping: AbortSignal;
}
