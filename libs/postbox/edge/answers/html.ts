import { escapeHtml } from "./escape-html.ts";

/** A piece of HTML whose texts are escaped; made by the tag `html` alone. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What can stand in a piece of HTML: a text, which is escaped, another piece, or a list of pieces. */
export type HtmlPart = string | number | Html | readonly Html[];

/**
 * Writes a piece of HTML. Each text put in is escaped, so that it can neither open a tag nor leave a quoted attribute.
 *
 * ```ts
 * html`<p>Hello ${name}</p>`
 * ```
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.reduce((text, string, at) => `${text}${written(parts[at - 1] ?? "")}${string}`));
}

function written(part: HtmlPart): string {
  if (part instanceof Html) return String(part);
  return typeof part === "object" ? part.join("\n") : escapeHtml(String(part));
}
