import type { Queryable } from "postbox";
import { networkOf } from "../attempts/scopes.ts";

/** Days for which an address stays known to an account after a login. */
const knownDays = 180;

/** Addresses that an account knows at most; the one that was used last the longest ago makes room. */
const maxKnown = 50;

/** Keeps that the account's user has logged in from this address. The caller has locked the account. */
export async function rememberAddress(tx: Queryable, accountId: string, address: string | undefined): Promise<void> {
  if (address === undefined) return;
  await tx.query({
    name: "remember-address",
    text: `with surplus as (
        delete from known_client where account_id = $1 and client in (
          select client from known_client where account_id = $1 and client <> $2 order by expires_at desc offset $4))
      insert into known_client (account_id, client, expires_at) values ($1, $2, now() + make_interval(days => $3))
      on conflict (account_id, client) do update set expires_at = excluded.expires_at`,
    values: [accountId, networkOf(address), knownDays, maxKnown - 1],
  });
}

/** Whether the account's user has logged in from this address, or has a session there. */
export async function isKnownAddress(tx: Queryable, accountId: string, address: string | undefined): Promise<boolean> {
  if (address === undefined) return false;
  const { rows } = await tx.query<{ address: string }>({
    name: "find-known-addresses",
    text: `select client as address from known_client where account_id = $1 and expires_at > now()
      union all
      select ip_address from session where account_id = $1 and expires_at > now() and ip_address is not null`,
    values: [accountId],
  });
  return rows.some((row) => networkOf(row.address) === networkOf(address));
}

/** Forgets the addresses of an account: whoever knew its old password may have logged in from any. */
export async function forgetAddresses(tx: Queryable, accountId: string): Promise<void> {
  await tx.query({
    name: "forget-addresses",
    text: "delete from known_client where account_id = $1",
    values: [accountId],
  });
}
