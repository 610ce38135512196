import { variablesByTopic } from "../../core/configuration/known-variables.ts";
import type { Variable } from "../../core/configuration/variable.ts";

/** The text of `.env.example`: every variable with its purpose, what it takes and its default. */
export function envExample(): string {
  const sections = Object.entries(variablesByTopic()).map(([topic, members]) =>
    [`## ${topic}`, ...Object.entries(members).map(([name, variable]) => entry(name, variable))].join("\n\n"),
  );
  return `# Every variable that Postbox reads. Made by \`npm run generate\`; do not edit.\n\n${sections.join("\n\n")}\n`;
}

function entry(name: string, variable: Variable<unknown>): string {
  const assignment = variable.default === undefined ? `# ${name}=` : `${name}=${variable.default}`;
  return `# ${variable.purpose}\n# Expected: ${variable.expected}.\n${assignment}`;
}
