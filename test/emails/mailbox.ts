import { until } from "postbox/testing";
import type { CaughtMail, MailCatcher } from "../../services/emails/mails/catcher.ts";

/** Waits for mails to an address, the newest first. */
export function mailsTo(
  catcher: Pick<MailCatcher, "mails">,
  address: string,
  count = 1,
): Promise<readonly CaughtMail[]> {
  const what = `${count} mails to ${address} have come`;
  return until(
    () => {
      const mails = catcher.mails.filter(({ to }) => to === address);
      return mails.length >= count ? mails : undefined;
    },
    { what },
  );
}

/** The path of the link in a mail, the same in HTML and text. */
export function linkIn({ text, html }: CaughtMail): string {
  const [url = ""] = /https?:\S+/.exec(text) ?? [];
  if (!html.includes(`href="${url}"`)) throw new Error(`The mail's HTML has no link ${url}.`);
  return new URL(url).pathname;
}

/** The code in a mail, the same in HTML and text. */
export function codeIn({ text, html }: CaughtMail): string {
  const [code = ""] = /^[\w-]{43}$/m.exec(text) ?? [];
  if (!code || !html.includes(`>${code}<`)) throw new Error(`The mail has no code: ${text}`);
  return code;
}
