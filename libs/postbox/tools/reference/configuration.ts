import { variablesByTopic } from "../../core/configuration/known-variables.ts";
import type { Variable, Variables } from "../../core/configuration/variable.ts";

/** The text of `docs/reference/configuration.md`: every variable of the runtime and of the services, topic by topic. */
export function configurationReference(): string {
  const sections = Object.entries(variablesByTopic()).flatMap(([topic, variables]) => section(topic, variables));
  return [
    "<!-- Made from the declared variables by `npm run generate`; do not edit. -->",
    "",
    "# Configuration",
    "",
    "A process reads these environment variables once, at its start, and refuses to start if one is wrong. An empty variable",
    "counts as unset. Outside containers `.env` sets variables that the environment does not. A service declares its own",
    "variables in `services/<service>/variables.ts`.",
    "",
    ...sections,
  ].join("\n");
}

function section(topic: string, variables: Variables): string[] {
  const rows = Object.entries(variables).map(([name, variable]) => row(name, variable));
  return [`## ${topic}`, "", "| variable | purpose | expected | default |", "|---|---|---|---|", ...rows, ""];
}

function row(name: string, variable: Variable<unknown>): string {
  const purpose = variable.secret ? `${variable.purpose} Never printed.` : variable.purpose;
  return `| \`${name}\` | ${cell(purpose)} | ${cell(variable.expected)} | ${defaultOf(variable)} |`;
}

function defaultOf({ default: value, optional }: Variable<unknown>): string {
  if (value !== undefined) return `\`${cell(value)}\``;
  return optional ? "unset" : "none, must be set";
}

/** A bar would end the cell of the table. */
const cell = (text: string): string => text.replaceAll("|", "\\|");
