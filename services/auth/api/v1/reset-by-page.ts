import { action, actionRef, call, errorCode, message, object, PostboxError, showPage } from "postbox";
import { Type } from "typebox";
import type { AuthService } from "../../auth-service.ts";
import { linkOwner } from "../../links/redeem-link.ts";
import { askForPassword, passwordSet, resetFailed } from "../../pages/reset.ts";

interface Reset {
  readonly body: { readonly token: string; readonly new_password: string };
}

const resetPassword = actionRef<Reset, { message: string }>("v1.auth.resetPassword");

const token = object({ token: Type.String({ maxLength: 200 }) });

/** The address of the link in the mail. It changes nothing, so that a program that looks at mails uses no link up. */
export const showReset = action({
  rest: "GET /password/reset/:token",
  access: "public",
  page: true,
  errors: ["link-invalid"],
  summary: "The page that asks for a new password; as JSON, whether the code in the mail works",
  rateLimit: "30/minute",
  params: object({ params: token }),
  response: message,
  async handler(this: AuthService, ctx) {
    try {
      await linkOwner(this.db, ctx.params.params.token, "reset");
      if (ctx.meta.wants !== "json") showPage(ctx.meta, askForPassword());
      return { message: "The code works; send it with the new password to /password/reset." };
    } catch (error) {
      if (ctx.meta.wants !== "page" || errorCode(error) !== "link-invalid") throw error;
      showPage(ctx.meta, resetFailed);
      return { message: resetFailed.title };
    }
  },
});

/** What the form of the page sends. The action `resetPassword` decides; what it refuses is shown above the form. */
export const resetByPage = action({
  rest: "POST /password/reset/:token",
  access: "public",
  page: true,
  body: "form",
  idempotency: false,
  errors: ["link-invalid", "no-change"],
  summary: "Set a new password by the form of the page",
  rateLimit: "10/minute, 50/hour",
  params: object({ params: token, body: Type.Optional(object({ new_password: Type.Optional(Type.String()) })) }),
  response: message,
  async handler(this: AuthService, ctx) {
    const { params, body } = ctx.params;
    try {
      const answer = await call(ctx, resetPassword, {
        body: { token: params.token, new_password: body?.new_password ?? "" },
      });
      if (ctx.meta.wants === "page") showPage(ctx.meta, passwordSet(answer.message));
      return answer;
    } catch (error) {
      if (ctx.meta.wants !== "page" || !(error instanceof PostboxError)) throw error;
      showPage(
        ctx.meta,
        errorCode(error) === "link-invalid" ? resetFailed : askForPassword(faultsOf(error), error.code),
      );
      return { message: error.message };
    }
  },
});

/** The sentences of the broken rules; without any, that of the error. */
function faultsOf({ message: sentence, data }: PostboxError): readonly string[] {
  const errors: unknown = Object(data).errors;
  return Array.isArray(errors) ? errors.map(({ message: rule }) => `The new password ${rule}`) : [sentence];
}
