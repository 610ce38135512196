import type { Command } from "commander";

/** A command line as a person would type it, and what it does where that isn't plain. */
export type Example = readonly [line: string, does?: string];

const given = new WeakMap<Command, readonly Example[]>();

/** Gives a command the examples that its `--help` ends with; a group without any shows those of its verbs. */
export function withExamples(command: Command, ...examples: readonly Example[]): Command {
  given.set(command, examples);
  return command;
}

export function examplesOf(command: Command): readonly Example[] {
  return given.get(command) ?? command.commands.flatMap(examplesOf);
}

export function examplesText(command: Command): string {
  const examples = examplesOf(command);
  const width = Math.max(...examples.filter(([, does]) => does).map(([line]) => line.length));
  const lines = examples.map(([line, does]) => (does ? `  ${line.padEnd(width)}  ${does}` : `  ${line}`));
  return `\nExamples:\n${lines.join("\n")}`;
}
