import type { Service } from "moleculer";
import { action, callAsService, object, showPage } from "postbox";
import { caughtMails, caughtMailsResult } from "../../../../libs/emails/actions.ts";
import { caughtPage } from "../../caught/page.ts";

/** In local only: it shows everybody's mail to everybody. */
export const showCaught = action({
  rest: "GET /caught",
  access: "public",
  page: true,
  summary: "The mails that were caught instead of sent, as a page or as JSON; in local only",
  params: object({}),
  response: caughtMailsResult,
  async handler(this: Service, ctx) {
    const mails = await callAsService(this.broker, "emails", caughtMails, {});
    if (ctx.meta.wants !== "json") showPage(ctx.meta, caughtPage(mails));
    return mails;
  },
});
