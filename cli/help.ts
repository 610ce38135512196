import type { Command } from "commander";

/**
 * The line that shows the help another line asks for: `migrate up --help` for `help migrate up`, of which Commander reads
 * one word only. A word that names no command stays, so that Commander refuses it and suggests the nearest one. A line
 * that does not ask for help is returned as it is.
 */
export function asHelpFlag(program: Command, words: readonly string[]): readonly string[] {
  const path: string[] = [];
  let command = program;
  let asked = false;
  for (const word of words) {
    if (command.commands.length === 0) break;
    const inner = command.commands.find((one) => one.name() === word);
    if (inner) {
      path.push(word);
      command = inner;
    } else if (word === "help" && !asked) asked = true;
    else return asked && !word.startsWith("-") ? [...path, word] : words;
  }
  return asked ? [...path, "--help"] : words;
}
