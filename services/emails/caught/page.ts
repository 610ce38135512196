import type { CaughtMail } from "../../../libs/mail/catcher.ts";
import { escapeHtml } from "../../../libs/mail/escape-html.ts";

/** Lets the page have its own style, and nothing else. */
export const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const style = `body{max-width:46rem;margin:2rem auto;padding:0 1rem;font-family:system-ui,sans-serif;color:#18181b}
article{margin:1rem 0;padding:1rem;border:1px solid #d4d4d8;border-radius:8px}
h2{margin:0;font-size:1rem}
small{color:#71717a}
pre{margin:.8rem 0 0;white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}`;

/** The page of caught mails: their text, with links that work. */
export function caughtPage(mails: readonly CaughtMail[]): string {
  const list =
    mails.length > 0 ? mails.map(article).join("\n") : "<p>No mail yet. Register a user, and load this page again.</p>";
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Caught mail</title><style>${style}</style></head>
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
<pre>${linked(text.trim())}</pre>
</article>`;
}

/** The text as HTML, its web addresses as links. */
function linked(text: string): string {
  return text
    .split(/(https?:\/\/\S+)/)
    .map((part, index) => (index % 2 ? `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>` : escapeHtml(part)))
    .join("");
}
