import { escapeHtml } from "postbox";

/** The content of a mail. */
export interface Content {
  readonly subject: string;
  /** Sentences, a paragraph each, as plain text. */
  readonly before: readonly string[];
  /** What the reader needs from this mail: a link to follow, or a code to copy. */
  readonly offer?:
    | { readonly kind: "link"; readonly label: string; readonly url: string }
    | { readonly kind: "code"; readonly code: string };
  readonly after: readonly string[];
}

/** Lays a content out as HTML and as text, with the same words in both. */
export function render({ subject, before, offer, after }: Content): { subject: string; html: string; text: string } {
  const text = [...before, ...(offer ? [offer.kind === "link" ? offer.url : offer.code] : []), ...after].join("\n\n");
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

const paragraph = (sentence: string) => `<p style="margin:0 0 1rem;line-height:1.5">${escapeHtml(sentence)}</p>`;

function offerHtml(offer: NonNullable<Content["offer"]>): string {
  if (offer.kind === "code")
    return `<p style="margin:0 0 1rem"><code style="padding:.5rem;background:#f4f4f5;word-break:break-all">${escapeHtml(offer.code)}</code></p>`;
  const url = escapeHtml(offer.url);
  return `<p style="margin:0 0 1rem"><a href="${url}">${escapeHtml(offer.label)}</a></p>
<p style="margin:0 0 1rem;font-size:.8rem;color:#71717a;word-break:break-all">${url}</p>`;
}
