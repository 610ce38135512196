import { expect, test } from "@jest/globals";
import { importFaults } from "../../scripts/import-rules.ts";
import { importsOf } from "../../scripts/imports.ts";

// A test beside what it tests takes the harness too.
const fine = importsOf([
  "libs/**/*.ts",
  "mixins/**/*.ts",
  "services/**/*.ts",
  "migrations/**/*.ts",
  "test/**/*.ts",
]).filter(({ file }) => file.startsWith("test/") || !file.endsWith(".test.ts"));

const planted = (file: string, target: string) => ({
  file,
  target,
  ofPackage: false,
  ...(!target.includes(".ts") && { entrance: target }),
  erased: false,
  late: false,
});

test("the project keeps the rules of its imports", () => {
  expect(importFaults(fine)).toEqual([]);
});

test.each([
  ["libs/postbox/core/errors/reason.ts", "libs/postbox/delivery/wire/ack.ts"],
  ["libs/postbox/delivery/outbox/outbox.ts", "libs/postbox/tools/stack/wait/until.ts"],
  ["libs/postbox/edge/http.ts", "services/auth/models.ts"],
  ["libs/postbox/node/runtime/rehearse.ts", "mixins/store.ts"],
  ["mixins/store.ts", "libs/auth/events.ts"],
  ["services/users/models.ts", "services/auth/models.ts"],
  ["services/users/models.ts", "libs/postbox/postgres/database.ts"],
  ["services/users/models.ts", "mixins/store.ts"],
  ["migrations/users/0002_profiles.ts", "libs/postbox/delivery/schema/v1.ts"],
  ["libs/auth/events.ts", "libs/postbox/delivery/wire/define-event.ts"],
  ["libs/auth/events.ts", "postbox"],
  ["libs/postbox/node/runtime/rehearse.ts", "postbox"],
  ["test/users/roles.test.ts", "libs/postbox/delivery/wire/ack.ts"],
  ["test/delivery/faults/broker.test.ts", "mixins/store.ts"],
])("an import of %s from %s is refused, and both ends are named", (file, target) => {
  const faults = importFaults([planted(file, target)]);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(file);
  expect(faults[0]).toContain(target);
});

test("a ring of folders is refused, though no file imports itself", () => {
  const faults = importFaults([
    planted("libs/postbox/delivery/relay/relay.ts", "libs/postbox/delivery/outbox/outbox.ts"),
    planted("libs/postbox/delivery/outbox/settle.ts", "libs/postbox/delivery/acks/ack-sender.ts"),
    planted("libs/postbox/delivery/acks/ack-collector.ts", "libs/postbox/delivery/relay/listener.ts"),
  ]);
  expect(faults).toEqual([
    "These folders import one another: libs/postbox/delivery/relay -> libs/postbox/delivery/outbox -> libs/postbox/delivery/acks -> libs/postbox/delivery/relay.",
  ]);
});

test("a ring of files in one folder is refused", () => {
  const faults = importFaults([
    planted("libs/postbox/postgres/database.ts", "libs/postbox/postgres/sequelize.ts"),
    planted("libs/postbox/postgres/sequelize.ts", "libs/postbox/postgres/database.ts"),
  ]);
  expect(faults).toEqual([
    "These files import one another: libs/postbox/postgres/database.ts -> libs/postbox/postgres/sequelize.ts -> libs/postbox/postgres/database.ts.",
  ]);
});
