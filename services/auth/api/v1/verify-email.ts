import { action, errorCode, type Meta, message, object, showPage } from "postbox";
import { Type } from "typebox";
import type { AuthService } from "../../auth-service.ts";
import { confirmAddress, confirmations, isConfirmed } from "../../links/confirm-address.ts";
import { askToConfirm, confirmed, verificationFailed } from "../../pages/verification.ts";

const declared = {
  access: "public",
  page: true,
  errors: ["link-invalid"],
  rateLimit: "30/minute",
  params: object({ params: object({ token: Type.String({ maxLength: 200 }) }) }),
  response: message,
} as const;

/**
 * The address of the link in the mail. Programs that look at mails open it first, so only a client that names JSON verifies
 * by it. All others get a page with a button.
 */
export const verifyEmail = action({
  ...declared,
  rest: "GET /verification/email/:token",
  safe: false,
  summary:
    "Prove an address by the link in the mail: at once for `Accept: application/json`, else by a page with a button",
  async handler(this: AuthService, ctx) {
    const { token } = ctx.params.params;
    if (ctx.meta.wants === "json") return { message: confirmations[await confirmAddress(this, token)] };
    try {
      showPage(ctx.meta, (await isConfirmed(this, token)) ? confirmed("already") : askToConfirm);
      return { message: "Nothing is verified yet: press the button, or ask for application/json." };
    } catch (error) {
      return showFailure(ctx.meta, error);
    }
  },
});

/** What the button of the page sends. */
export const confirmEmail = action({
  ...declared,
  rest: "POST /verification/email/:token",
  idempotency: false,
  summary: "Prove an address by the token of the link in the mail",
  async handler(this: AuthService, ctx) {
    try {
      const confirmation = await confirmAddress(this, ctx.params.params.token);
      if (ctx.meta.wants === "page") showPage(ctx.meta, confirmed(confirmation));
      return { message: confirmations[confirmation] };
    } catch (error) {
      return showFailure(ctx.meta, error);
    }
  },
});

/** Shows a visitor that the link does not work. @throws any other error, and for other clients this one too. */
function showFailure(meta: Meta, error: unknown): { message: string } {
  if (meta.wants !== "page" || errorCode(error) !== "link-invalid") throw error;
  showPage(meta, verificationFailed);
  return { message: verificationFailed.title };
}
