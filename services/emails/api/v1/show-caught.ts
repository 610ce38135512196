import type { Service } from "moleculer";
import { action, callAsService, object } from "postbox";
import { Type } from "typebox";
import { caughtMails } from "../../../../libs/emails/actions.ts";
import { caughtPage } from "../../caught/page.ts";

/** In local only: it shows everybody's mail to everybody. */
export const showCaught = action({
  rest: "GET /caught",
  access: "public",
  summary: "The mails that were caught instead of sent, as a page; in local only",
  params: object({}),
  response: Type.String({ description: "HTML" }),
  async handler(this: Service, ctx) {
    const mails = await callAsService(this.broker, "emails", caughtMails, {});
    ctx.meta.$responseHeaders = { "Content-Type": "text/html; charset=utf-8" };
    return caughtPage(mails);
  },
});
