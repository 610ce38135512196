import { randomUUID } from "node:crypto";

const plain = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** The request's id: the client's, if it is short and plain enough to stand in logs and headers, else a new one. */
export function requestId(given: string | string[] | undefined): string {
  return typeof given === "string" && plain.test(given) ? given : randomUUID();
}
