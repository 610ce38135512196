import { changeUser } from "../../../libs/auth/events.ts";
import { toPublicUser } from "../accounts/account-row.ts";
import { getAccount } from "../accounts/get-account.ts";
import { lockAccount } from "../accounts/lock-account.ts";
import { updateAccount } from "../accounts/update-account.ts";
import type { AuthService } from "../auth-service.ts";
import { linkOwner } from "./redeem-link.ts";

/**
 * What became of an address: `verified` now, or `already` before. A link for verification stays until it expires, so that a
 * second use is told so, and changes nothing.
 */
export type Confirmation = "verified" | "already";

/** What a client is told. */
export const confirmations: Readonly<Record<Confirmation, string>> = {
  verified: "Your address is verified.",
  already: "Your address was verified already.",
};

/**
 * Verifies the address that a link was sent to.
 *
 * @throws PostboxError `link-invalid`.
 */
export function confirmAddress(service: AuthService, token: string): Promise<Confirmation> {
  return service.transaction(async (tx) => {
    const { id, verified } = await lockAccount(tx, await linkOwner(tx, token, "verification"));
    if (verified) return "already";
    const account = await updateAccount(tx, id, { verified: true });
    tx.enqueue(changeUser, { user: toPublicUser(account) });
    return "verified";
  });
}

/**
 * Whether the address that a link was sent to is verified by now.
 *
 * @throws PostboxError `link-invalid`.
 */
export async function isConfirmed({ db }: AuthService, token: string): Promise<boolean> {
  return (await getAccount(db, await linkOwner(db, token, "verification"))).verified;
}
