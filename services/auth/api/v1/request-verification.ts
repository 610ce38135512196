import { action, message, object, showPage } from "postbox";
import { requestLink } from "../../../../libs/auth/events.ts";
import { email } from "../../../../libs/auth/fields.ts";
import type { AuthService } from "../../auth-service.ts";
import { askForAddress, linkSent } from "../../pages/verification.ts";

const declared = { access: "public", page: true, rateLimit: "5/minute, 25/hour", response: message } as const;

/** A visitor gets a page with a form, because a page of another site can have its reader visit any address. */
export const requestVerification = action({
  ...declared,
  rest: "GET /verification/email",
  safe: false,
  summary: "Have the link that proves the address sent again; the answer is the same if there is no such user",
  params: object({ query: object({ email }) }),
  async handler(this: AuthService, ctx) {
    const { email: address } = ctx.params.query;
    if (ctx.meta.wants !== "page") return request(this, address);
    showPage(ctx.meta, askForAddress(address));
    return { message: "Nothing is sent yet: send the form." };
  },
});

/** What the form of the page sends. */
export const requestVerificationByForm = action({
  ...declared,
  rest: "POST /verification/email",
  body: "form",
  idempotency: false,
  summary: "Have the link that proves the address sent again, by a form",
  params: object({ body: object({ email }) }),
  async handler(this: AuthService, ctx) {
    const answer = await request(this, ctx.params.body.email);
    if (ctx.meta.wants === "page") showPage(ctx.meta, linkSent(answer.message));
    return answer;
  },
});

async function request(service: AuthService, username_email: string): Promise<{ message: string }> {
  await service.transaction(async (tx) => tx.enqueue(requestLink, { purpose: "verification", username_email }));
  return { message: "If this address waits to be verified, a mail with a link is on its way." };
}
