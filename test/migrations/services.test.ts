import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { engineVersions } from "../../libs/postbox/delivery/schema/engine-schema.ts";
import { migrationFiles, migrationsFolder } from "../../libs/postbox/tools/migrations/history/migration-files.ts";
import { readShipped } from "../../libs/postbox/tools/migrations/history/shipped.ts";
import { checkMigrations } from "../../libs/postbox/tools/migrations/schema/check-migrations.ts";
import { migrationProject } from "./project.ts";

test.each(serviceNames())("the migrations of %s build what its models describe", async (service) => {
  await using project = await migrationProject();

  expect(await checkMigrations(service, project.target)).toEqual({ missing: [], surplus: [] });
});

test.each(serviceNames())("the migrations of %s go up, all the way down, and up again", async (service) => {
  const folder = migrationsFolder(service);
  const count = (await migrationFiles(folder)).length;
  await using project = await migrationProject({ folder });

  await project.migrate("up");
  const built = await project.snapshot();
  await project.migrate("down", count);
  expect(await project.snapshot()).toEqual([]);
  await project.migrate("up");

  expect(await project.snapshot()).toEqual(built);
});

// A difference means that a migration was changed which databases may have applied: write a new one instead. What
// `postbox migrate freeze` has not recorded yet may change, but runs after all that was released.
test.each(serviceNames())("the shipped migrations of %s are what they were, and come first", async (service) => {
  const shipped = Object.entries((await readShipped())[service] ?? {});
  const files = await migrationFiles(migrationsFolder(service));

  expect(files.slice(0, shipped.length).map(({ name, checksum }) => [name, checksum])).toEqual(shipped);
});

test("the shipped versions of the engine's tables are what they were", () => {
  for (const [index, { up, down }] of engineVersions.entries())
    expect(
      createHash("sha256")
        .update(JSON.stringify([up, down]))
        .digest("hex"),
    ).toMatchSnapshot(`version ${index + 1}`);
});
