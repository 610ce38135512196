import type { Queryable } from "postbox";

/**
 * Ends the sessions given, or all of the account: their refresh tokens are gone at once, their access tokens within
 * seconds on every node. The account is locked by the caller. Gives how many were ended.
 */
export async function endSessions(tx: Queryable, accountId: string, sessionIds?: readonly string[]): Promise<number> {
  const { rowCount } = await tx.query({
    name: "end-sessions",
    text: "delete from session where account_id = $1 and ($2::uuid[] is null or id = any($2))",
    values: [accountId, sessionIds],
  });
  await revokeAccessTokens(tx, accountId, sessionIds);
  return rowCount ?? 0;
}

/** Revokes the access tokens that are out; the sessions stay, and their next refresh brings a token of today's role. */
export async function revokeAccessTokens(
  tx: Queryable,
  accountId: string,
  sessionIds?: readonly string[],
): Promise<void> {
  await tx.query({
    name: "revoke-access-tokens",
    text: `update access_token set revoked_at = clock_timestamp()
      where account_id = $1 and ($2::uuid[] is null or session_id = any($2))
        and revoked_at is null and expires_at > now()`,
    values: [accountId, sessionIds],
  });
}
