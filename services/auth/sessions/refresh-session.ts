import { config, type Queryable } from "postbox";
import { lockAccount } from "../accounts/lock-account.ts";
import type { AuthService } from "../auth-service.ts";
import { variables } from "../variables.ts";
import { endSessions } from "./end-sessions.ts";
import { issueAccessToken } from "./issue-access-token.ts";
import type { Grant } from "./open-session.ts";
import { partHash, possibleSuccessors, type RefreshToken, refreshTokenSeconds, successorOf } from "./refresh-token.ts";
import { sessionOfFamily } from "./session-of-token.ts";

/**
 * Exchanges the first refresh token that is good for something, of those that came with one request, for its successor.
 * Where none is, each ends its session: a request that also holds a good one tells no theft. A session has one present token. Of the others:
 *
 * - the one that the present token replaced gives the present token again, for `REFRESH_GRACE_SECONDS` after the
 *   exchange: two tabs refreshed at once, or an answer was lost and the request sent again;
 * - any other, or that one later, ends the session: of the owner and a thief one has the newer token, and nobody can tell
 *   which.
 *
 * Each exchange brings an access token of its own.
 *
 * @returns undefined where no token is valid.
 */
export async function refreshSession(
  service: AuthService,
  tokens: readonly RefreshToken[],
  address: string | undefined,
): Promise<Grant | undefined> {
  for (const token of tokens) {
    const grant = await service.transaction((tx) => exchange(tx, token, address));
    if (grant) return grant;
  }
  for (const token of tokens) await service.transaction((tx) => endFamily(tx, token));
  return undefined;
}

async function exchange(tx: Queryable, token: RefreshToken, address: string | undefined): Promise<Grant | undefined> {
  const session = await sessionOfFamily(tx, token);
  if (!session) return undefined;
  const account = await lockAccount(tx, session.account_id);
  const secret = (await replace(tx, session.id, token, address)) ?? (await justReplacedBy(tx, session.id, token));
  if (secret === undefined || account.disabled) return undefined;
  return { access: await issueAccessToken(tx, account, session.id), refresh: { family: token.family, secret } };
}

async function endFamily(tx: Queryable, token: RefreshToken): Promise<void> {
  const session = await sessionOfFamily(tx, token);
  if (!session) return;
  await lockAccount(tx, session.account_id);
  await endSessions(tx, session.account_id, [session.id]);
}

/** Replaces the present token by its successor. Undefined for a token that is not the present one. */
async function replace(
  tx: Queryable,
  sessionId: string,
  token: RefreshToken,
  address: string | undefined,
): Promise<string | undefined> {
  const next = successorOf(token);
  const { rowCount } = await tx.query({
    name: "rotate-session",
    text: `update session set secret_hash = $3, ip_address = $4, last_used_at = now(),
        expires_at = now() + make_interval(secs => $5)
      where id = $1 and secret_hash = $2 and expires_at > now()`,
    values: [sessionId, partHash(token.secret), partHash(next), address, refreshTokenSeconds],
  });
  return rowCount === 1 ? next : undefined;
}

/** The present token's secret, if the present token replaced this one within the grace. */
async function justReplacedBy(tx: Queryable, sessionId: string, token: RefreshToken): Promise<string | undefined> {
  const { REFRESH_GRACE_SECONDS: grace } = config(variables);
  // A transaction that waited for the lock began before the exchange, so no interval is short enough for 0.
  if (grace === 0) return undefined;
  const { rows } = await tx.query<{ secret_hash: string }>({
    name: "find-just-replaced",
    text: `select secret_hash from session
      where id = $1 and expires_at > now() and last_used_at > now() - make_interval(secs => $2)`,
    values: [sessionId, grace],
  });
  return possibleSuccessors(token).find((secret) => partHash(secret) === rows[0]?.secret_hash);
}
