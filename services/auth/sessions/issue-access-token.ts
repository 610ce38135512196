import { accessTokenSeconds, object, type Queryable, signAccessToken } from "postbox";
import { type Static, Type } from "typebox";
import { v7 as uuid } from "uuid";
import type { AccountRow } from "../accounts/account-row.ts";

/** The answer to a login or a refresh. */
export const accessGrant = object({
  access_token: Type.String(),
  token_type: Type.Literal("bearer"),
  expires_in: Type.Integer({ description: "Seconds." }),
});
export type AccessGrant = Static<typeof accessGrant>;

/** Seconds that a token's row outlives the token: clocks of database and processes may differ by so much. */
const clockSkewSeconds = 60;

/** Signs an access token and stores its id, so that it can be revoked. The caller has locked the account. */
export async function issueAccessToken(tx: Queryable, account: AccountRow, sessionId: string): Promise<AccessGrant> {
  const jti = uuid();
  await tx.query({
    name: "remember-access-token",
    text: `insert into access_token (jti, account_id, session_id, expires_at)
      values ($1, $2, $3, now() + make_interval(secs => $4))`,
    values: [jti, account.id, sessionId, accessTokenSeconds + clockSkewSeconds],
  });
  const { id: user_id, role, verified } = account;
  const { token, expiresIn } = signAccessToken({ user_id, role, verified }, jti);
  return { access_token: token, token_type: "bearer", expires_in: expiresIn };
}
