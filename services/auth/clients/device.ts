import { randomBytes, timingSafeEqual } from "node:crypto";
import { keyedHash, keyedHashes } from "postbox";
import type { AccountRow } from "../accounts/account-row.ts";

/**
 * A device that users have logged in from, as it tells itself in a cookie: `<id>.<mark>.<mark>`, with a mark for each
 * account. Only auth can make a mark. A new password makes the account's marks void, because whoever knew the old password
 * may hold any number of them.
 */
export interface Device {
  readonly id: string;
  readonly marks: readonly string[];
}

/** Accounts that a device is known to, the last ones. */
const maxMarks = 5;
const idBytes = 16;
const purpose = "known device";

/** Takes a device cookie apart. Undefined for a text that is none. */
export function parseDevice(text: string): Device | undefined {
  const [id = "", ...marks] = /^[\w-]{22}(?:\.[\w-]{43}){1,5}$/.test(text) ? text.split(".") : [];
  return id === "" ? undefined : { id, marks };
}

/** Whether somebody has logged in to the account from this device, with the present password. */
export function isKnownDevice({ id, marks }: Device, account: AccountRow): boolean {
  return keyedHashes(purpose, markedText(id, account)).some((mark) => marks.some((given) => isSame(given, mark)));
}

/** The device, known to the account from now on. One without a cookie gets an id. */
export function knownDevice(device: Device | undefined, account: AccountRow): Device {
  const id = device?.id ?? randomBytes(idBytes).toString("base64url");
  const mark = keyedHash(purpose, markedText(id, account));
  return { id, marks: [mark, ...(device?.marks.filter((other) => other !== mark) ?? [])].slice(0, maxMarks) };
}

const markedText = (id: string, account: AccountRow) => `${id} ${account.id} ${account.password_hash}`;
const isSame = (one: string, other: string) => timingSafeEqual(Buffer.from(one), Buffer.from(other));
