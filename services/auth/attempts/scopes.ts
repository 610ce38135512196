import { createHash } from "node:crypto";
import { clientNetwork } from "postbox";
import type { AccountRow } from "../accounts/account-row.ts";
import { fold } from "../accounts/fold.ts";
import type { Device } from "../clients/device.ts";

/** What wrong passwords are counted for, and how many are allowed in a quarter of an hour. */
export interface Scope {
  readonly scope: string;
  readonly limit: number;
}

/**
 * Strangers count for one name from one client, for one name from anywhere, and from one client for any name. An account
 * has two names, username and address, so 50 tries of strangers in all reach it.
 *
 * The name is counted as typed, whether or not it is an account's. Were both names of an account counted as one, a refusal
 * at the second name would tell that they belong together.
 */
export function strangerScopes(name: string, address: string | undefined): Record<"pair" | "name" | "client", Scope> {
  const client = networkOf(address);
  return {
    pair: { scope: `${pairsOf(name)}${client}`, limit: 10 },
    name: { scope: nameScope(name), limit: 25 },
    client: { scope: `client ${client}`, limit: 100 },
  };
}

/** A device that knows the account counts for itself alone: no stranger uses its tries up, and it uses up nobody's. */
export function deviceScope({ id }: AccountRow, device: Device): Scope {
  return { scope: `device ${id} ${device.id}`, limit: 10 };
}

/** Who is logged in and tries the present password counts for the account alone. */
export function callerScope({ id }: AccountRow): Scope {
  return { scope: `caller ${id}`, limit: 10 };
}

/** What counts against an account, as whole scopes and as what scopes begin with. */
export function scopesOf(account: AccountRow): { whole: readonly string[]; beginnings: readonly string[] } {
  const names = [account.username, account.email];
  return { whole: [...names.map(nameScope), callerScope(account).scope], beginnings: names.map(pairsOf) };
}

/** The client that an address belongs to. */
export function networkOf(address: string | undefined): string {
  return address === undefined ? "unknown" : clientNetwork(address);
}

const nameScope = (name: string) => `name ${hashOf(name)}`;
const pairsOf = (name: string) => `pair ${hashOf(name)} `;
const hashOf = (name: string) => createHash("sha256").update(fold(name)).digest("base64url");
