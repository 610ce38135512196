import type { Queryable } from "postbox";
import type { LinkPurpose } from "../../../libs/auth/links.ts";

/** Deletes all links of a user for one purpose. The caller has locked the account. */
export async function voidLinks(tx: Queryable, accountId: string, purpose: LinkPurpose): Promise<void> {
  await tx.query({
    name: "void-links",
    text: "delete from link where account_id = $1 and purpose = $2",
    values: [accountId, purpose],
  });
}
