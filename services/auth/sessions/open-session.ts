import type { Queryable } from "postbox";
import { v7 as uuid } from "uuid";
import type { AccountRow } from "../accounts/account-row.ts";
import { rememberAddress } from "../clients/known-addresses.ts";
import { endSessions } from "./end-sessions.ts";
import { type AccessGrant, issueAccessToken } from "./issue-access-token.ts";
import { newFamily, newSecret, partHash, type RefreshToken, refreshTokenSeconds } from "./refresh-token.ts";

/** Sessions of a user at most. A further one ends the least recently used one. */
const maxSessions = 10;

/** What a client gets at the start of its session and with each refresh. */
export interface Grant {
  readonly access: AccessGrant;
  readonly refresh: RefreshToken;
}

/** Opens a session. The caller has locked the account. */
export async function openSession(tx: Queryable, account: AccountRow, address: string | undefined): Promise<Grant> {
  const { rows: surplus } = await tx.query<{ id: string }>({
    name: "surplus-sessions",
    text: `select id from session where account_id = $1 and expires_at > now()
      order by last_used_at desc, id desc offset $2`,
    values: [account.id, maxSessions - 1],
  });
  if (surplus.length > 0)
    await endSessions(
      tx,
      account.id,
      surplus.map(({ id }) => id),
    );
  const id = uuid();
  const refresh = { family: newFamily(), secret: newSecret() };
  const opened = tx.query({
    name: "open-session",
    text: `insert into session (id, account_id, family_hash, secret_hash, ip_address, expires_at)
      values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
    values: [id, account.id, partHash(refresh.family), partHash(refresh.secret), address, refreshTokenSeconds],
  });
  const [access] = await Promise.all([
    issueAccessToken(tx, account, id),
    opened,
    rememberAddress(tx, account.id, address),
  ]);
  return { access, refresh };
}
