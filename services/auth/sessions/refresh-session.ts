import type { Queryable } from "postbox";
import { lockAccount } from "../accounts/lock-account.ts";
import { endSessions } from "./end-sessions.ts";
import { issueAccessToken } from "./issue-access-token.ts";
import type { Grant } from "./open-session.ts";
import { newSecret, partHash, type RefreshToken, refreshTokenSeconds } from "./refresh-token.ts";

/**
 * Exchanges a refresh token for a new one. A token that was used before ends its session: of the owner and a thief one has
 * the newer token, and nobody can tell which.
 *
 * @returns undefined for a token that is not valid.
 */
export async function refreshSession(
  tx: Queryable,
  { family, secret }: RefreshToken,
  address: string | undefined,
): Promise<Grant | undefined> {
  const { rows: found } = await tx.query<{ id: string; account_id: string }>({
    name: "find-session",
    text: "select id, account_id from session where family_hash = $1",
    values: [partHash(family)],
  });
  const [session] = found;
  if (!session) return undefined;
  const account = await lockAccount(tx, session.account_id);
  const next = newSecret();
  const { rowCount } = await tx.query({
    name: "rotate-session",
    text: `update session set secret_hash = $3, ip_address = $4, last_used_at = now(),
        expires_at = now() + make_interval(secs => $5)
      where id = $1 and secret_hash = $2 and expires_at > now()`,
    values: [session.id, partHash(secret), partHash(next), address, refreshTokenSeconds],
  });
  if (rowCount === 1 && !account.disabled)
    return { access: await issueAccessToken(tx, account, session.id), refresh: { family, secret: next } };
  await endSessions(tx, account.id, [session.id]);
  return undefined;
}
