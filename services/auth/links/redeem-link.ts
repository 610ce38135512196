import { PostboxError, type Queryable } from "postbox";
import type { LinkPurpose } from "../../../libs/auth/links.ts";
import { linkHash } from "./mint-link.ts";

const invalid = () =>
  new PostboxError("link-invalid", "The link is unknown, was used already, or has expired; ask for a new one.");

/**
 * Finds the user of a link, without using it up.
 *
 * @throws PostboxError `link-invalid`.
 */
export async function linkOwner(db: Queryable, token: string, purpose: LinkPurpose): Promise<string> {
  const { rows } = await db.query<{ account_id: string }>({
    name: "link-owner",
    text: "select account_id from link where token_hash = $1 and purpose = $2 and expires_at > now()",
    values: [linkHash(token), purpose],
  });
  if (!rows[0]) throw invalid();
  return rows[0].account_id;
}

/**
 * Uses a link up, and all other links of its user and purpose. Of many uses at once, one wins.
 *
 * @throws PostboxError `link-invalid`.
 */
export async function redeemLink(tx: Queryable, token: string, purpose: LinkPurpose): Promise<void> {
  const { rowCount } = await tx.query({
    name: "redeem-link",
    text: `with used as (
        delete from link where token_hash = $1 and purpose = $2 and expires_at > now() returning account_id),
      others as (
        delete from link using used
        where link.account_id = used.account_id and link.purpose = $2 and link.token_hash <> $1)
      select account_id from used`,
    values: [linkHash(token), purpose],
  });
  if (rowCount === 0) throw invalid();
}
