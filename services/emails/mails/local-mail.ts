import { config } from "../../../libs/config/config.ts";
import { PostboxError } from "../../../libs/errors/postbox-error.ts";
import { MailCatcher } from "../../../libs/mail/catcher.ts";
import { mixin } from "../../../libs/moleculer/service.ts";

/** Catches what this process sends, where no SMTP server is set. Handlers know of no service, so it stands here. */
let catcher: MailCatcher | undefined;

/** The SMTP server to hand mail to. */
export function smtpUrl(): string {
  const url = config().SMTP_URL ?? catcher?.url;
  if (url === undefined) throw new Error("There is no SMTP server: SMTP_URL is not set, and no mail is caught here.");
  return url;
}

/** The mails that were caught here, the newest first. */
export const caughtHere = () => catcher?.mails ?? [];

/**
 * Gives a worker an SMTP server to send to: the one of the configuration, or in local one that catches all mail.
 *
 * @throws PostboxError `configuration-invalid`, at start, outside local without `SMTP_URL`.
 */
export const localMail = mixin()({
  async started() {
    const { SMTP_URL, ENVIRONMENT } = config();
    if (SMTP_URL !== undefined) return;
    if (ENVIRONMENT !== "local")
      throw new PostboxError(
        "configuration-invalid",
        "SMTP_URL is not set; outside local the worker of emails needs a server, e.g. smtps://user:password@host.",
      );
    catcher = new MailCatcher();
    await catcher.start();
  },
  async stopped() {
    const stopping = catcher;
    catcher = undefined;
    await stopping?.stop();
  },
});
