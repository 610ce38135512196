import { config } from "postbox";
import { showCaught } from "./show-caught.ts";

/** The actions of version 1. The page of caught mails is there in local only. */
export const actions = { ...(config().ENVIRONMENT === "local" && { showCaught }) };
