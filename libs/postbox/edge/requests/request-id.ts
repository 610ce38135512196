import { randomUUID } from "node:crypto";

const plain = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** The id of a request: the client's own, if logs and headers can safely hold it (64 plain characters), else a new UUID. */
export function requestId(given: string | string[] | undefined): string {
  return typeof given === "string" && plain.test(given) ? given : randomUUID();
}
