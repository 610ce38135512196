import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const root = resolve(import.meta.dirname, "../..");
const { exports }: { exports: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const entrances = Object.entries(exports).filter(([, file]) => file.endsWith(".ts"));

/** An exported name, the name under which it is declared, and the file that declares it. */
interface Exported {
  readonly name: string;
  readonly declared: string;
  readonly file: string;
}

/** What a file exports by `export { … } from` and `export * from`. */
function exportsOf(file: string): Exported[] {
  const source = readFileSync(file, "utf8");
  const named = [...source.matchAll(/export (?:type )?\{([^}]*)\} from "([^"]+)"/g)].flatMap(
    ([, names = "", from = ""]) =>
      names
        .split(",")
        .map((name) => name.replace("type ", "").trim())
        .filter((name) => name !== "")
        .map((name) => {
          const [declared = "", as = declared] = name.split(" as ");
          return { name: as, declared, file: join(dirname(file), from) };
        }),
  );
  const whole = [...source.matchAll(/export \* from "([^"]+)"/g)].flatMap(([, from = ""]) =>
    exportsOf(join(dirname(file), from)),
  );
  return [...named, ...whole];
}

/** Whether a docstring stands right before the declaration of a name. */
function isDocumented({ declared, file }: Exported): boolean {
  const lines = readFileSync(file, "utf8").split("\n");
  const at = lines.findIndex((line) =>
    new RegExp(`^export (declare )?(abstract )?(async )?(function|const|class|interface|type) ${declared}\\b`).test(
      line,
    ),
  );
  return at > 0 && lines[at - 1]?.trimEnd().endsWith("*/") === true;
}

test.each(entrances)("%s exports what was agreed, and nothing else", (_, file) => {
  expect(
    exportsOf(join(root, file))
      .map(({ name }) => name)
      .sort(),
  ).toMatchSnapshot();
});

test.each(entrances)("everything that %s exports has a docstring", (_, file) => {
  const undocumented = exportsOf(join(root, file)).filter((one) => !isDocumented(one));
  expect(undocumented.map(({ name, file: declaredIn }) => `${name} in ${declaredIn.slice(root.length + 1)}`)).toEqual(
    [],
  );
});

const examples = {
  postbox: ["action", "service", "defineEvent", "handle", "handleMany", "defineJob", "mixin"],
  "postbox/mixins": ["store", "mailbox", "scheduler", "rest", "operations", "entities", "web"],
};

test.each(Object.entries(examples))("the main exports of %s show an example", (entrance, names) => {
  const all = exportsOf(join(root, exports[entrance.replace("postbox", ".")] ?? ""));
  for (const name of names) {
    const found = all.find((one) => one.name === name);
    const source = readFileSync(found?.file ?? "", "utf8");
    const docstring = source
      .split(new RegExp(`^export (?:function|const) ${name}\\b`, "m"))[0]
      ?.split("/**")
      .at(-1);
    expect({ name, docstring }).toEqual({ name, docstring: expect.stringMatching(/```ts|`mixins: /) });
  }
});

/** Imports an entrance in a process of its own; gives the packages of node_modules that were loaded. */
async function packagesLoadedBy(entrance: string): Promise<string[]> {
  const script = `
    import { registerHooks } from "node:module";
    const packages = new Set();
    registerHooks({
      load(url, context, next) {
        const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? [];
        if (name) packages.add(name);
        return next(url, context);
      },
    });
    await import(${JSON.stringify(entrance)});
    console.log(JSON.stringify([...packages]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd: root });
  return JSON.parse(stdout);
}

test.each(["postbox/schema", "postbox/variables"])("%s loads no package but TypeBox", async (entrance) => {
  expect(await packagesLoadedBy(entrance)).toEqual(["typebox"]);
});

test("the whole runtime is what loads moleculer, nats, pg and sequelize", async () => {
  expect(await packagesLoadedBy("postbox")).toEqual(expect.arrayContaining(["moleculer", "nats", "pg", "sequelize"]));
});
