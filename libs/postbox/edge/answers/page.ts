import type { Meta } from "../actions/meta.ts";
import { dataHeaders } from "./headers.ts";
import { Html, html } from "./html.ts";
import { pageStyle, pageStyleSource } from "./page-style.ts";

/** A page as an action shows it. */
export interface Page {
  readonly title: string;
  /** What stands below the title. */
  readonly body: Html;
  /** HTTP status. Default: that of the action. */
  readonly status?: number;
}

/** Headers of every page: it runs no script, loads nothing, sends forms to its own origin only, and tells nobody its address. */
export const pageHeaders: readonly string[] = [
  ...withPolicy(
    dataHeaders,
    `default-src 'none'; style-src ${pageStyleSource}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  ),
  ...["Referrer-Policy", "no-referrer"],
  ...["Content-Type", "text/html; charset=utf-8"],
];

/**
 * Has a page sent to a visitor in place of the action's result. For actions that declare `page: true`, where
 * `ctx.meta.wants` is `page`.
 *
 * ```ts
 * showPage(ctx.meta, { title: "Thank you", body: html`<p>We have your order, ${name}.</p>` });
 * ```
 *
 * The page has the look of all pages. Its forms are sent to the gateway alone, and its scripts and images are blocked.
 */
export function showPage(meta: Meta, { status, ...page }: Page): void {
  if (status !== undefined) meta.$statusCode = status;
  meta.$page = pageHtml(page);
}

/** Our own text, which must reach the browser as it was hashed. */
const style = new Html(pageStyle);

/** The HTML of a whole page. */
export function pageHtml({ title, body }: Pick<Page, "title" | "body">): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`);
}

function withPolicy(headers: readonly string[], policy: string): string[] {
  const at = headers.indexOf("Content-Security-Policy");
  return headers.toSpliced(at + 1, 1, policy);
}
