import { type Command, CommanderError } from "commander";
import { asHelpFlag } from "./help.ts";
import { located } from "./located.ts";
import { Interrupted } from "./terminal/interruptible.ts";

/** What a command answers a script with. */
export const exitCodes = {
  ok: 0,
  /** The command failed, or found what it was to look for: a difference, a fault. */
  failed: 1,
  /** The command line itself cannot be understood. */
  usage: 2,
} as const;

/** What every `--help` says of them. */
export const exitCodesText =
  "Exit codes: 0 done, 1 failed or found a fault, 2 the command line is not understood, 130 ended by Ctrl-C.";

/** A command's verdict where nothing was thrown and all the same not all is well. */
export class Verdict extends Error {
  override name = "Verdict";
}

/** A word of the command line that cannot be meant. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Behind the message of a line that is not understood. */
const hint = "Add --help to see what it takes.";

/** Runs one command line and gives the exit code. Errors go to stderr: the message to a person, no stack. */
export async function run(program: Command, words: readonly string[]): Promise<number> {
  every(program, (command) =>
    command.exitOverride().showSuggestionAfterError().showHelpAfterError(hint).allowExcessArguments(false),
  );
  try {
    await program.parseAsync([...asHelpFlag(program, words)], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    console.error(error instanceof Error ? `${error instanceof Verdict ? "" : "error: "}${located(error)}` : error);
    if (error instanceof Interrupted) return error.exitCode;
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

/** Visits a command and all below it. */
export function every(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const inner of command.commands) every(inner, visit);
}
