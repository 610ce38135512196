import { createHash, randomBytes } from "node:crypto";
import { type Queryable, seal } from "postbox";
import { type LinkPurpose, linkContext, linkSeconds } from "../../../libs/auth/links.ts";

/** Links of one purpose that a user gets in an hour at most: enough for impatience, too few to fill a mailbox. */
const maxLinks = 5;

/** What `sendLink` says of a link. */
export interface MintedLink {
  readonly user_id: string;
  readonly purpose: LinkPurpose;
  readonly sealed_token: string;
  readonly expires_at: string;
}

/** Makes a link and stores its hash. Undefined once the user has had all links of this hour. The caller has locked the account. */
export async function mintLink(
  tx: Queryable,
  accountId: string,
  purpose: LinkPurpose,
): Promise<MintedLink | undefined> {
  const token = randomBytes(32).toString("base64url");
  const { rows } = await tx.query<{ expires_at: Date }>({
    name: "mint-link",
    text: `insert into link (token_hash, account_id, purpose, expires_at)
      select $1, $2, $3, now() + make_interval(secs => $4)
      where (select count(*) from link
             where account_id = $2 and purpose = $3 and created_at > now() - interval '1 hour') < $5
      returning expires_at`,
    values: [linkHash(token), accountId, purpose, linkSeconds[purpose], maxLinks],
  });
  const [row] = rows;
  return (
    row && {
      user_id: accountId,
      purpose,
      sealed_token: seal(token, linkContext(accountId, purpose)),
      expires_at: row.expires_at.toISOString(),
    }
  );
}

/** A token of 256 random bits needs no slow hash. */
export function linkHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
