import { type Config, config, mixin, PostboxError } from "postbox";
import { variables } from "../variables.ts";
import { MailCatcher } from "./catcher.ts";

/** Catches the mails of this process where no SMTP server is set. One for the process, because handlers have no service. */
let catcher: MailCatcher | undefined;

/** The URL of the SMTP server that mails are handed to. */
export function smtpUrl(): string {
  const url = config(variables).SMTP_URL ?? catcher?.url;
  if (url === undefined) throw new Error("There is no SMTP server: SMTP_URL is not set, and no mail is caught here.");
  return url;
}

/** The mails that were caught here, the newest first. */
export const caughtHere = () => catcher?.mails ?? [];

/**
 * Gives a worker an SMTP server to send to: that of the configuration, or in local one that catches all mails.
 *
 * @throws PostboxError `configuration-invalid`, at start, outside local without `SMTP_URL` or `PUBLIC_URL`.
 */
export const localMail = mixin()({
  async started() {
    const given = config(variables);
    if (given.ENVIRONMENT !== "local") refuseWithout(given);
    if (given.SMTP_URL !== undefined) return;
    catcher = new MailCatcher();
    await catcher.start();
  },
  async stopped() {
    const stopping = catcher;
    catcher = undefined;
    await stopping?.stop();
  },
});

/** Variables that a worker outside local needs, and what each is for. */
const needed = {
  SMTP_URL: "a server to send by, e.g. smtps://user:password@host",
  PUBLIC_URL: "what links in mails begin with, e.g. https://api.example.com",
};

function refuseWithout(given: Config): void {
  const told = Object.entries(needed)
    .filter(([name]) => Reflect.get(given, name) === undefined)
    .map(([name, what]) => `${name} is not set; outside local the worker of emails needs ${what}.`);
  if (told.length > 0) throw new PostboxError("configuration-invalid", told.join("\n"));
}
