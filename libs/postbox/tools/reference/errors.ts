import { catalogue } from "../../core/errors/catalogue.ts";

/** The text of `docs/reference/errors.md`: every code of the catalogue, in its order. */
export function errorReference(): string {
  const rows = catalogue().map(
    ([code, { status, title, retry }]) =>
      `| \`${code}\` | ${status} | ${title} | ${retry === "later" ? "yes" : "no"} |`,
  );
  return [
    "<!-- Made from the runtime's catalogue and libs/<service>/errors.ts by `npm run generate`; do not edit. -->",
    "",
    "# Errors",
    "",
    "Every error that Postbox raises on purpose has a stable code. Over HTTP the code is the `code` of a body of type",
    "`application/problem+json`, and in the process the `type` of a `PostboxError`. *Retry* says whether the same call may",
    "succeed later, unchanged.",
    "",
    "The codes of the runtime come first. Each service declares its own codes in `libs/<service>/errors.ts`.",
    "",
    "| code | status | meaning | retry |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
