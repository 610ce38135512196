import type { Argument, Command, Option } from "commander";
import { examplesOf } from "./examples.ts";
import { notesOf } from "./notes.ts";
import { program } from "./program.ts";
import { exitCodesText } from "./run.ts";

/** The text of `docs/reference/command-line.md`: every command as its `--help` describes it. */
export function commandLineReference(): string {
  const postbox = program();
  return [
    "<!-- Made from cli/ by `npm run generate`; do not edit. -->",
    "# The command line",
    postbox.description(),
    "Run `npx postbox` inside the folder of a project.",
    exitCodesText,
    "A `[service]` that is left out stands for all. Examples name services of this project.",
    ...postbox.commands.flatMap((group) => section(group, ["postbox", group.name()])),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

/** A command and the commands below it. */
function section(command: Command, words: readonly string[]): string[] {
  const isGroup = command.commands.length > 0;
  const notes = notesOf(command);
  return [
    `${"#".repeat(words.length)} ${words.join(" ")}`,
    command.description(),
    ...(isGroup ? [] : [fenced("sh", `${words.join(" ")} ${command.usage()}`), ...tables(command)]),
    ...(notes === undefined ? [] : [withCode(notes)]),
    ...(isGroup ? [] : [fenced("sh", examples(command))]),
    ...command.commands.flatMap((inner) => section(inner, [...words, inner.name()])),
  ];
}

function tables(command: Command): string[] {
  const argumentRows = command.registeredArguments.map((one) => row(one.name(), one));
  const optionRows = command.options.map((one) => row(one.flags, one));
  return [table("argument", argumentRows), table("option", optionRows)].filter((text) => text !== "");
}

function row(name: string, one: Argument | Option): readonly string[] {
  const choices = one.argChoices ? ` One of ${one.argChoices.map(code).join(", ")}.` : "";
  const unset = one.defaultValueDescription ?? (one.defaultValue === undefined ? "" : String(one.defaultValue));
  return [code(name), `${one.description}${choices && "."}${choices}`, unset];
}

function table(heading: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const lines = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  return [`| ${heading} | meaning | default |`, "|---|---|---|", ...lines].join("\n");
}

/** Each example with what it does, as a comment above it. */
function examples(command: Command): string {
  return examplesOf(command)
    .map(([line, does]) => (does === undefined ? line : `# ${does}\n${line}`))
    .join("\n");
}

/** Indented lines of a terminal as a block of code. */
function withCode(text: string): string {
  return text.replace(/(?:^ {2}.*(?:\n|$))+/gm, (lines) => `\n${fenced("", lines.replace(/^ {2}/gm, "").trimEnd())}\n`);
}

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
const code = (text: string): string => `\`${text}\``;
