import { type Html, html, type Page } from "postbox";
import type { CaughtMail } from "../mails/catcher.ts";

/** The page of caught mails: their text, with working links. */
export function caughtPage(mails: readonly CaughtMail[]): Page {
  return {
    title: "Caught mail",
    body: html`<p>What would have been sent, the newest first. No mail leaves this machine.</p>
${mails.length > 0 ? mails.map(article) : html`<p>No mail yet. Register a user, and load this page again.</p>`}`,
  };
}

function article({ subject, from, to, received_at, text }: CaughtMail): Html {
  return html`<article>
<h2>${subject}</h2>
<small>${from} to ${to}, ${received_at}</small>
${text
  .trim()
  .split(/\n{2,}/)
  .map((paragraph) => html`<p>${lines(paragraph)}</p>`)}
</article>`;
}

/** The lines of a paragraph, their web addresses as links. */
function lines(paragraph: string): readonly Html[] {
  return paragraph
    .split("\n")
    .map((line, at) => html`${at > 0 ? html`<br>` : ""}${line.split(/(https?:\/\/\S+)/).map(linked)}`);
}

/** A piece of a line; each second one is a web address. */
const linked = (part: string, at: number): Html => (at % 2 ? html`<a href="${part}">${part}</a>` : html`${part}`);
