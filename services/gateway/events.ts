import type { EventHandler } from "../../libs/postbox/delivery/inbox/handlers/handler.ts";

/** No event is sent to the gateway. */
export const handlers: readonly EventHandler[] = [];
