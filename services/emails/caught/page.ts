import { escapeHtml } from "postbox";
import type { CaughtMail } from "../mails/catcher.ts";

/** The page of caught mails: their text, with working links. It has no styles, because the gateway lets a page load nothing. */
export function caughtPage(mails: readonly CaughtMail[]): string {
  const list =
    mails.length > 0 ? mails.map(article).join("\n") : "<p>No mail yet. Register a user, and load this page again.</p>";
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Caught mail</title></head>
<body>
<h1>Caught mail</h1>
<p>What would have been sent, the newest first. No mail leaves this machine.</p>
${list}
</body>
</html>
`;
}

function article({ subject, from, to, received_at, text }: CaughtMail): string {
  return `<article>
<h2>${escapeHtml(subject)}</h2>
<small>${escapeHtml(`${from} to ${to}, ${received_at}`)}</small>
<p>${linked(text.trim())}</p>
<hr>
</article>`;
}

/** The text as HTML, its web addresses as links. */
function linked(text: string): string {
  return text
    .split(/(https?:\/\/\S+)/)
    .map((part, index) => (index % 2 ? `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>` : escapeHtml(part)))
    .join("")
    .replaceAll("\n", "<br>\n");
}
