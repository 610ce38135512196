import type { Command } from "commander";

const given = new WeakMap<Command, string>();

/** Gives a command what a reader should know beside its arguments and options. Its `--help` shows it below them. */
export function withNotes(command: Command, notes: string): Command {
  given.set(command, notes);
  return command.addHelpText("after", `\n${notes}`);
}

export const notesOf = (command: Command): string | undefined => given.get(command);
