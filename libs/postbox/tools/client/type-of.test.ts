import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type TSchema, Type } from "typebox";
import Compile from "typebox/compile";
import { projectRoot } from "../../core/project/project-root.ts";
import { servedSchema } from "../../core/validation/served/served-schema.ts";
import { typeOf } from "./type-of.ts";

/** Schemas all of whose rules a type can say: no limits, no patterns, no choice of objects. */
const { schema: schemas } = fc.letrec<{ schema: TSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<TSchema>(
      ...[Type.String(), Type.Number(), Type.Boolean(), Type.Null(), Type.Enum(["x", 1] as never), Type.Literal(1)],
      ...[Type.Union([Type.Literal("x"), Type.Null()]), Type.Unknown()],
    ),
    fc
      .dictionary(fc.constantFrom("a", "b", "in-dashes"), fc.tuple(tie("schema"), fc.boolean()), { maxKeys: 3 })
      .map((fields) =>
        Type.Object(
          Object.fromEntries(
            Object.entries(fields).map(([name, [schema, optional]]) => [
              name,
              optional ? Type.Optional(schema) : schema,
            ]),
          ),
        ),
      ),
    tie("schema").map((items) => Type.Array(items)),
    fc.array(tie("schema"), { maxLength: 2 }).map((items) => Type.Tuple(items)),
    tie("schema").map((value) => Type.Record(Type.String(), value)),
    tie("schema").map((value) => Type.Intersect([Type.Object({ a: value }), Type.Object({ c: Type.String() })])),
  ),
}));

const values = fc.oneof(
  fc.constantFrom<unknown>("x", "y", 1, 2, true, null, [], {}),
  fc.array(fc.constantFrom<unknown>("x", 1, null), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom("a", "b", "c", "in-dashes"), fc.constantFrom<unknown>("x", 1, null, {}, ["x"]), {
    noNullPrototype: true,
    maxKeys: 3,
  }),
);

test("the type of a client takes what the validator takes, and nothing else", async () => {
  const cases = fc.sample(fc.tuple(schemas, fc.array(values, { minLength: 8, maxLength: 8 })), { numRuns: 250 });
  const counted = { taken: 0, refused: 0 };
  const lines = cases.flatMap(([schema, given], n) => {
    const served = servedSchema(JSON.parse(JSON.stringify(schema)));
    const validator = Compile(served as TSchema);
    return [
      `type T${n} = ${typeOf(served)};`,
      ...given.flatMap((value, at) => {
        const taken = validator.Check(value);
        counted[taken ? "taken" : "refused"] += 1;
        return [
          ...(taken ? [] : ["// @ts-expect-error"]),
          `export const v${n}_${at}: T${n} = ${JSON.stringify(value)};`,
        ];
      }),
    ];
  });
  expect(Math.min(counted.taken, counted.refused)).toBeGreaterThan(50);
  const folder = await mkdtemp(join(tmpdir(), "postbox-types-"));
  try {
    const file = join(folder, "cases.ts");
    await writeFile(file, lines.join("\n"));
    expect(await compiled(file)).toBe("");
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** What the compiler says of a file; nothing if it is right. */
function compiled(file: string): Promise<string> {
  const compiler = join(projectRoot(), "node_modules/typescript/bin/tsc");
  const options = [
    "--noEmit",
    "--pretty",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--types",
    "",
    "--ignoreConfig",
    file,
  ];
  return new Promise((resolve) =>
    execFile(process.execPath, [compiler, ...options], (_, out, err) => resolve(out + err)),
  );
}
