import { revocationsAction } from "postbox/schema";

/** Auth issues the access tokens, so every node asks auth which of them were revoked. */
export const revocations = revocationsAction("v1.auth.revocations");
