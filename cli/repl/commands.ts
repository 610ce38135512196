import type { Command } from "commander";
import { run } from "../run.ts";

/** The REPL's own commands, and the words of the command line that each stands for. */
export const shorthands: Readonly<Record<string, readonly string[]>> = {
  outbox: ["outbox"],
  inbox: ["inbox"],
  dead: ["dead"],
  retry: ["inbox", "retry"],
  replay: ["dead", "replay"],
  skip: ["dead", "skip"],
  jobs: ["jobs"],
  trace: ["trace"],
};

/** What moleculer-repl puts the words of a line on, for the command's action. */
interface ParsedCommand {
  readonly parent: { readonly rawArgs: readonly string[] };
  params: unknown;
}

/** In the form that moleculer-repl takes. Each line is parsed and run as `postbox` would. */
export const replCommands = (program: () => Command) =>
  Object.entries(shorthands).map(([name, words]) => ({
    command: `${name} [words...]`,
    description: commandOf(program(), words).description(),
    allowUnknownOptions: true,
    // Else Moleculer would answer it, who knows no more than the command's name.
    options: [{ option: "-h, --help", description: "what it takes" }],
    parse: (command: ParsedCommand) => {
      // The first three: the interpreter, the script, the command's own name.
      command.params = command.parent.rawArgs.slice(3);
    },
    action: async (_: unknown, rest: readonly string[]) => {
      await run(program(), [...words, ...rest]);
    },
  }));

/** The command that these words name. */
export function commandOf(program: Command, words: readonly string[]): Command {
  return words.reduce((command, word) => command.commands.find((inner) => inner.name() === word) ?? command, program);
}
