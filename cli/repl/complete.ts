import type { AsyncCompleter, Completer } from "node:readline";
import type { REPLServer } from "node:repl";
import type { Command } from "commander";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { commandOf, shorthands } from "./commands.ts";

type Completion = [string[], string];

/** Adds the REPL's own commands to its completion, which knows Moleculer's only. */
export function withCompletion(server: REPLServer, program: Command): void {
  const completeOthers = withCallback(server.completer);
  // Readline asks by a callback, and the terminal takes no key until the callback has its answer.
  const completer: AsyncCompleter = (line, done) => {
    const own = completeLine(program, line);
    if (own) done(null, own);
    else completeOthers(line, done);
  };
  Object.assign(server, { completer });
}

/** A completer of either of Node's forms as one with a callback. What the completer throws goes to the callback too. */
function withCallback(completer: Completer | AsyncCompleter): AsyncCompleter {
  // Node tells the two forms apart by their number of parameters as well.
  if (completer.length === 2) return completer as AsyncCompleter;
  const complete = completer as Completer;
  return (line, done) => {
    try {
      done(null, complete(line));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  };
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
