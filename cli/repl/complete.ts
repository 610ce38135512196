import type { REPLServer } from "node:repl";
import { serviceNames } from "../../libs/config/services.ts";
import { commandOf, shorthands } from "./commands.ts";

type Completion = [readonly string[], string];

/** Adds the REPL's own commands to its completion, which knows Moleculer's only. */
export function withCompletion(server: REPLServer): void {
  const completeOthers = server.completer as (line: string) => Completion;
  Object.assign(server, { completer: (line: string) => completeLine(line) ?? completeOthers(line) });
}

/** The verbs, services and flags that may come next; undefined for a line that begins with another command. */
export function completeLine(line: string): Completion | undefined {
  const [name = "", ...rest] = line.split(/\s+/);
  const words = shorthands[name];
  if (!words || rest.length === 0) return undefined;
  const partial = rest.at(-1) ?? "";
  const command = commandOf([...words, ...rest.slice(0, -1)]);
  const flags = command.options.map((option) => option.long ?? "");
  const takesService = command.registeredArguments.some((argument) => argument.name() === "service");
  const candidates = partial.startsWith("-")
    ? flags
    : [...command.commands.map((inner) => inner.name()), ...(takesService ? serviceNames : [])];
  return [candidates.filter((candidate) => candidate.startsWith(partial)), partial];
}
