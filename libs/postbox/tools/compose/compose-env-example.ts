import { serviceNames } from "../../core/project/service-names.ts";
import { natsPassword, postgresPassword, superuserPassword } from "./passwords.ts";

/** The text of `deploy/compose.env.example`: what the compose file reads beside the variables of `.env.example`. */
export function composeEnvExample(): string {
  const empty = (variables: readonly string[]) => variables.map((variable) => `${variable}=`).join("\n");
  return `# Passwords that docker-compose.yml reads beside the variables of .env.example. Made by \`npm run generate\`; do not edit.
# None has a default. Copy both files into .env, this one last.
# Use letters and digits, a letter first: nats-server reads a variable's value as a word of its configuration.

${superuserPassword}=

${empty(serviceNames().map(postgresPassword))}

${empty(serviceNames().map(natsPassword))}
`;
}
