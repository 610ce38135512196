import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { checkMigrations } from "../../libs/postbox/tools/migrations/check.ts";
import { makeMigration } from "../../libs/postbox/tools/migrations/make.ts";
import type { ServiceModels } from "../../libs/postbox/tools/migrations/service-models.ts";
import { generatedSchema, toModels } from "./generated-models.ts";
import { type Ground, ground } from "./ground.ts";

/** Each chain makes `changes` changes one after the other: 60 in all. */
const chains = 10;
const changes = 6;

test("make, up, check, down and up again come out even for 60 generated changes of models", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(generatedSchema, { minLength: changes, maxLength: changes }), async (schemas) => {
      await using here = await ground();
      for (const schema of schemas) await roundTrip(here, toModels(schema));
    }),
    { numRuns: chains, endOnFailure: true },
  );
}, 900_000);

async function roundTrip(here: Ground, models: ServiceModels): Promise<void> {
  const before = await here.snapshot();
  const { folder, target } = here;
  const made = await makeMigration("test", target, { message: "Change", allowLoss: true, renames: [], folder, models });
  if (!made) return;

  await here.migrate("up");
  const after = await here.snapshot();
  const difference = await checkMigrations("test", target, { folder, models });
  await here.migrate("down");
  const back = await here.snapshot();
  await here.migrate("up");

  expect(difference).toEqual({ missing: [], surplus: [] });
  expect(back).toEqual(before);
  expect(await here.snapshot()).toEqual(after);
}
