import { v7 as uuidv7 } from "uuid";

const plain = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/**
 * The id of a request: the client's own, if logs and headers can safely hold it (64 plain characters), else a new UUID
 * v7. The time in a UUID v7 bounds the search for what the request has caused.
 */
export function requestId(given: string | string[] | undefined): string {
  return typeof given === "string" && plain.test(given) ? given : uuidv7();
}
