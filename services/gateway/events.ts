import type { EventHandler } from "../../libs/inbox/handler.ts";

/** No event is sent to the gateway. */
export const handlers: readonly EventHandler[] = [];
