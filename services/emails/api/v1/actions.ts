import { config } from "postbox";
import { showCaught } from "./show-caught.ts";

/** What version 1 offers. Only in local is mail caught. */
export const actions = { ...(config().ENVIRONMENT === "local" && { showCaught }) };
