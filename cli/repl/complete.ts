import type { REPLServer } from "node:repl";
import type { Command } from "commander";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { commandOf, shorthands } from "./commands.ts";

type Completion = [readonly string[], string];

/** Adds the REPL's own commands to its completion, which knows Moleculer's only. */
export function withCompletion(server: REPLServer, program: Command): void {
  const completeOthers = server.completer as (line: string) => Completion;
  Object.assign(server, { completer: (line: string) => completeLine(program, line) ?? completeOthers(line) });
}

/** The verbs, services, flags and their values that may come next; undefined for a line of another command. */
export function completeLine(program: Command, line: string): Completion | undefined {
  const [name = "", ...rest] = line.split(/\s+/);
  const words = shorthands[name];
  if (!words || rest.length === 0) return undefined;
  const partial = rest.at(-1) ?? "";
  const before = rest.slice(0, -1);
  const candidates = candidatesOf(commandOf(program, [...words, ...before]), before.at(-1), partial.startsWith("-"));
  return [candidates.filter((candidate) => candidate.startsWith(partial)), partial];
}

function candidatesOf(command: Command, previous: string | undefined, flag: boolean): readonly string[] {
  const option = command.options.find(({ long }) => long === previous);
  if (option?.required) return option.argChoices ?? (peers.includes(option.attributeName()) ? serviceNames() : []);
  if (flag) return command.options.map(({ long }) => long ?? "");
  if (command.commands.length > 0) return command.commands.map((inner) => inner.name());
  const [first] = command.registeredArguments;
  // The service is the first word behind the verb; what comes later only its database knows.
  const named = previous !== undefined && [...serviceNames(), "all"].some((service) => service === previous);
  if (first?.name() !== "service" || named) return [];
  return first.required ? serviceNames() : [...serviceNames(), "all"];
}

/** The flags that take a service. */
const peers = ["target", "source"];
