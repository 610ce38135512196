import { catalogue } from "../../core/errors/catalogue.ts";

/** The text of `docs/reference/errors.md`: every code of the catalogue, in its order. */
export function errorReference(): string {
  const rows = Object.entries(catalogue).map(
    ([code, { status, title, retry }]) =>
      `| \`${code}\` | ${status} | ${title} | ${retry === "later" ? "yes" : "no"} |`,
  );
  return [
    "<!-- Made from libs/postbox/core/errors/catalogue.ts by `npm run generate`; do not edit. -->",
    "",
    "# Errors",
    "",
    "Every error that Postbox raises on purpose has a stable code. Over HTTP the code is the `code` of a body of type",
    "`application/problem+json`, and in the process the `type` of a `PostboxError`. *Retry* says whether the same call may",
    "succeed later, unchanged.",
    "",
    "| code | status | meaning | retry |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
