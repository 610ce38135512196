import type { IncomingMessage } from "node:http";
import type { Route } from "../routes/route.ts";
import type { Client } from "./client.ts";

/** Headers of an answer: name, value, name, value. Node writes such a list at a fifth of the cost of `setHeader`. */
export type HeaderLines = string[];

/** A request on its way through the gateway. */
export interface Incoming extends IncomingMessage {
  id: string;
  /** Headers that its answer will have, whatever its status and body turn out to be. */
  answerHeaders: HeaderLines;
  /** Asks for its body, where the client waits for that (`Expect: 100-continue`). */
  proceed?: () => void;
  /** Whether its client has the whole answer, while the rest of the body is still being dropped. */
  answered?: boolean;
  /**
   * Its client, once that has been read from what a trusted proxy wrote. Node calls the request's socket `client`, so that
   * name is not free.
   */
  foundClient?: Client;
  /** Its route, once it has been found. */
  route?: Route;
  /** The parameters of its path, once its route has been found. */
  pathParams?: Readonly<Record<string, string>>;
}
