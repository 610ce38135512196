import { escapeHtml } from "postbox";

/** The content of a mail. */
export interface Content {
  readonly subject: string;
  /** Sentences, a paragraph each, as plain text. */
  readonly before: readonly string[];
  /** What the reader needs from this mail. */
  readonly offer?: Offer;
  readonly after: readonly string[];
}

/** A link to follow, and the code in it where an app may ask for that. */
export interface Offer {
  readonly label: string;
  readonly url: string;
  readonly code?: { readonly label: string; readonly code: string };
}

/** Lays a content out as HTML and as text, with the same words in both. */
export function render({ subject, before, offer, after }: Content): { subject: string; html: string; text: string } {
  const offered = offer ? [offer.url, ...(offer.code ? [offer.code.label, offer.code.code] : [])] : [];
  const text = [...before, ...offered, ...after].join("\n\n");
  const paragraphs = [...before.map(paragraph), ...(offer ? [offerHtml(offer)] : []), ...after.map(paragraph)];
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;background:#f4f4f5;font-family:system-ui,sans-serif;color:#18181b">
<div style="max-width:32rem;margin:2rem auto;padding:2rem;background:#fff;border-radius:8px">
${paragraphs.join("\n")}
</div>
</body>
</html>
`;
  return { subject, html, text: `${text}\n` };
}

const paragraph = (sentence: string) =>
  `<p style="margin:0 0 1rem;line-height:1.5;white-space:pre-line">${escapeHtml(sentence)}</p>`;

const buttonStyle =
  "display:inline-block;padding:.5rem 1rem;border-radius:8px;background:#1d4ed8;color:#fff;text-decoration:none";

function offerHtml({ label, url, code }: Offer): string {
  const address = escapeHtml(url);
  const link = `<p style="margin:0 0 1rem"><a href="${address}" style="${buttonStyle}">${escapeHtml(label)}</a></p>
<p style="margin:0 0 1rem;font-size:.8rem;color:#71717a;word-break:break-all">${address}</p>`;
  if (!code) return link;
  return `${link}
${paragraph(code.label)}
<p style="margin:0 0 1rem"><code style="padding:.5rem;background:#f4f4f5;word-break:break-all">${escapeHtml(code.code)}</code></p>`;
}
