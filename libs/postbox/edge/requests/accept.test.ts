import { expect, test } from "@jest/globals";
import { wantedBy } from "./accept.ts";

test.each([
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "page"],
  ["application/json, text/plain, */*", "json"],
  ["text/html;q=0.9, application/json", "json"],
  ["application/json;q=0.9, TEXT/HTML", "page"],
  ["application/json, text/html", "json"],
  ["text/html;q=0, */*", undefined],
  ["image/avif,image/webp,*/*;q=0.8", undefined],
  ["*/*", undefined],
  ["", undefined],
  [undefined, undefined],
])("the header Accept: %s asks for %s", (accept, wanted) => {
  expect(wantedBy(accept)).toBe(wanted);
});
