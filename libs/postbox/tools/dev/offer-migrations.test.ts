import { expect, test } from "@jest/globals";
import { offerMigrations } from "./offer-migrations.ts";
import type { WaitingMigrations } from "./waiting-migrations.ts";

const waiting: WaitingMigrations = { service: "orders", pending: ["0006_note"], changed: [], isNew: false };

/** What is applied, asked and said of migrations that wait. */
async function offered(
  migrations: readonly WaitingMigrations[],
  { yes = false, answer }: { readonly yes?: boolean; readonly answer?: boolean } = {},
) {
  const applied: string[] = [];
  const asked: string[] = [];
  const said: string[] = [];
  await offerMigrations({
    waiting: migrations,
    yes,
    ask:
      answer === undefined
        ? undefined
        : async (question) => {
            asked.push(question);
            return answer;
          },
    apply: async (services) => void applied.push(...services),
    report: (line) => said.push(line),
  });
  return { applied, asked, said: said.join("\n") };
}

test("a migration is applied by --yes or by a yes, and else the command to run is named", async () => {
  expect(await offered([waiting], { yes: true })).toEqual({ applied: ["orders"], asked: [], said: "" });
  const question = "Apply the migrations orders 0006_note?";
  expect(await offered([waiting], { answer: true })).toEqual({ applied: ["orders"], asked: [question], said: "" });
  const named = expect.stringContaining("npx postbox migrate up orders");
  expect(await offered([waiting], { answer: false })).toEqual({ applied: [], asked: [question], said: named });
  expect(await offered([waiting])).toEqual({ applied: [], asked: [], said: named });
});

test("a database to which nothing was ever applied is made without a question", async () => {
  const stock = { service: "stock", pending: ["0001_messaging"], changed: [], isNew: true };
  expect(await offered([stock])).toEqual({ applied: ["stock"], asked: [], said: "" });
  expect(await offered([waiting, stock], { answer: false })).toMatchObject({ applied: ["stock"] });
});

test("a migration that was changed after it was applied is named with its remedy, and nothing is applied over it", async () => {
  const changed = { ...waiting, changed: ["0005_bounded"] };
  expect(await offered([changed], { yes: true })).toEqual({
    applied: [],
    asked: [],
    said: expect.stringContaining("npx postbox migrate down orders"),
  });
});
