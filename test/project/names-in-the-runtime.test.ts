import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parseSync } from "@swc/core";
import { edgeService } from "../../libs/postbox/core/project/edge-service.ts";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";

/** The services that the runtime grew up with. A further one may have the name of an example, such as `orders`. */
const reference = ["auth", "users", "emails"];

/** Words of other programs that happen to be names of services here. */
const foreign = new Map([
  ["libs/postbox/tools/nats-conf/server-configuration.ts", /^ {2}users: \[$/m],
  ["libs/postbox/tools/stack/postgres/postgres.ts", /^--auth=scram-sha-256$/],
]);

test("no text in the code of the runtime, the mixins or the tools names a service of this project", async () => {
  const edge = await edgeService(projectRoot());
  const others = serviceNames().filter((name) => reference.includes(name));
  const word = new RegExp(`\\b(${others.join("|")})\\b`);
  const named: string[] = [];
  for (const file of globSync("{libs/postbox,mixins,cli,scripts}/**/*.{ts,js,txt}", { cwd: projectRoot() })) {
    if (file.endsWith(".test.ts")) continue;
    // The word for the edge is one of prose too: only a text that is its name alone names the service.
    for (const text of textsOf(file))
      if ((word.test(text) || text === edge) && !foreign.get(file)?.test(text)) named.push(`${file}: ${text}`);
  }
  expect(named).toEqual([]);
});

/** The texts of a file's code, without its comments; of a template all. */
function textsOf(file: string): string[] {
  const source = readFileSync(join(projectRoot(), file), "utf8");
  if (file.endsWith(".txt"))
    return source.split("\n").flatMap((line) => [line, ...(line.match(/(?<=")\w+(?=")/g) ?? [])]);
  const texts: string[] = [];
  collect(parseSync(source, { syntax: "typescript", target: "es2024" }), texts);
  return texts;
}

function collect(value: unknown, texts: string[]): void {
  if (typeof value !== "object" || value === null) return;
  const { type, value: text, raw }: { type?: string; value?: unknown; raw?: unknown } = value;
  if (type === "StringLiteral" && typeof text === "string") texts.push(text);
  if (type === "TemplateElement" && typeof raw === "string") texts.push(raw);
  for (const part of Object.values(value)) collect(part, texts);
}
