import type { IncomingMessage } from "node:http";
import type { HeaderLines } from "./headers.ts";
import type { Route } from "./route.ts";

/** A request that the gateway's door has let in. */
export interface Incoming extends IncomingMessage {
  id: string;
  /** What its answer will say beside its body, whatever that turns out to be. */
  answerHeaders: HeaderLines;
  /** Its route, once it has been found. */
  declared?: Route;
}
