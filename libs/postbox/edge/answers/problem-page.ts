import { html } from "./html.ts";
import { pageHtml } from "./page.ts";
import type { Problem } from "./problem.ts";

/** A problem as a page, for a visitor. */
export function problemPage({ title, detail, errors = [], request_id }: Problem): string {
  const body = html`${detail === undefined ? "" : html`<p>${detail}</p>`}
${errors.map(({ field, message }) => html`<p role="alert">${field}: ${message}</p>`)}
<small>Request ${request_id}</small>`;
  return pageHtml({ title, body });
}
