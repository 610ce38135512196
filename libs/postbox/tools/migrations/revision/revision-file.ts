import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PostboxError } from "../../../core/errors/postbox-error.ts";
import { migrationFiles } from "../history/migration-files.ts";
import { literalSpansLines } from "./diff/literal-spans-lines.ts";

/** The content of a migration that is to be written. */
export interface Revision {
  readonly up: RevisionStep;
  readonly down: RevisionStep;
  /** What data goes: each sentence becomes a marked comment. */
  readonly losses: readonly string[];
}

export interface RevisionStep {
  readonly statements: readonly string[];
  /** What the statements ask of existing rows: each sentence becomes a marked comment. */
  readonly needs: readonly string[];
}

/**
 * The part of a file's name that a message becomes: `Add a nickname` gives `add_a_nickname`.
 *
 * @throws PostboxError `validation-failed` for a message without a letter in front, or over 60 characters.
 */
export function revisionName(message: string): string {
  const name = message
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
  if (!/^[a-z][a-z0-9_]{0,59}$/.test(name))
    throw new PostboxError(
      "validation-failed",
      `The message '${message}' gives no file name; begin with a letter a to z and take 60 characters at most.`,
    );
  return name;
}

/**
 * Writes the next numbered file of the folder; no other file is touched.
 *
 * @returns the file's path.
 */
export async function writeRevision(folder: string, name: string, revision: Revision): Promise<string> {
  const last = (await migrationFiles(folder)).at(-1)?.name ?? "0000";
  const number = String(Number(last.slice(0, 4)) + 1).padStart(4, "0");
  const path = join(folder, `${number}_${name}.ts`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, revisionText(revision), { flag: "wx" });
  return path;
}

function revisionText({ up, down, losses }: Revision): string {
  const marked = (mark: string, sentences: readonly string[]) =>
    sentences.map((sentence) => `// ${mark}: ${sentence.replace(/\s+/g, " ")}.\n`).join("");
  return `import type { MigrationContext } from "postbox/migrations";

${marked("LOSES DATA", losses)}${marked("NEEDS DATA", up.needs)}export async function up({ query }: MigrationContext): Promise<void> {
${up.statements.map(call).join("\n")}
}

${marked("NEEDS DATA", down.needs)}export async function down({ query }: MigrationContext): Promise<void> {
${down.statements.map(call).join("\n")}
}
`;
}

/** Characters of the longest statement that fits into a line of 120 with its indent and call, as the formatter wants. */
const widest = 120 - "  await query(``);".length;

function call(statement: string): string {
  const quoted = statement.replace(/[\\`]|\$\{/g, "\\$&");
  if (!quoted.includes("\n") && quoted.length > widest) return `  await query(\n    \`${quoted}\`,\n  );`;
  return `  await query(\`${literalSpansLines(statement) ? quoted : quoted.replaceAll("\n", "\n  ")}\`);`;
}
