import type { EventHandler } from "postbox";

/** No event is sent to the gateway. */
export const handlers: readonly EventHandler[] = [];
