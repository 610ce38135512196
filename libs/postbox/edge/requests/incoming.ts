import type { IncomingMessage } from "node:http";
import type { Route } from "../routes/route.ts";

/** Header lines of an answer: name, value, name, value. One list is written as it is, at a fifth of `setHeader`'s cost. */
export type HeaderLines = string[];

/** A request that the gateway's door has let in. */
export interface Incoming extends IncomingMessage {
  id: string;
  /** What its answer will say beside its body, whatever that turns out to be. */
  answerHeaders: HeaderLines;
  /** Its route, once it has been found. */
  declared?: Route;
}
