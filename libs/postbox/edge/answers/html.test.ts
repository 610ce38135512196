import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { html } from "./html.ts";

test("no text that is put in opens a tag or leaves an attribute, however deep it stands", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (title, value) => {
      const inner = html`<i title="${title}">${value}</i>`;
      const [, attribute = "", text = ""] =
        /^<p><i title="([^"<>']*)">([^"<>']*)<\/i><\/p>$/s.exec(String(html`<p>${[inner]}</p>`)) ?? [];
      const decoded = (escaped: string) =>
        escaped
          .replaceAll("&lt;", "<")
          .replaceAll("&gt;", ">")
          .replaceAll("&quot;", '"')
          .replaceAll("&#39;", "'")
          .replaceAll("&amp;", "&");
      expect([decoded(attribute), decoded(text)]).toEqual([title, value]);
    }),
  );
});

test("a piece of HTML is put in as it is, once", () => {
  expect(String(html`${html`<b>${"<"}</b>`} ${3} ${[html`<i></i>`, html`<u></u>`]}`)).toBe(
    "<b>&lt;</b> 3 <i></i>\n<u></u>",
  );
});
