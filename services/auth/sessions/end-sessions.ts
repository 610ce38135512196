import type { Queryable } from "postbox";

/**
 * Ends the given sessions, or all sessions of the account. Refresh tokens end at once, access tokens within 5 s on every
 * node. The caller has locked the account.
 *
 * @returns how many sessions were ended.
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

/** Revokes all access tokens of an account. Its sessions stay: the next refresh gives a token with the present role. */
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
