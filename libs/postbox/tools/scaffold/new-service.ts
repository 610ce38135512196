import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Changes } from "./changes.ts";
import { composeBlock, composeContainers } from "./compose-service.ts";
import { afterLast, appendItem, before } from "./edit-text.ts";
import { checkServiceName } from "./names.ts";
import { serviceFiles } from "./service-files.ts";

const registry = "libs/config/services.ts";
const variables = "libs/config/variables.ts";
const compose = "docker-compose.yml";
const composeExample = "deploy/compose.env.example";

/** A service with a database, an API, a worker and a scheduler, in the configuration, the compose file and the tests. */
export async function newService(root: string, name: string): Promise<Changes> {
  await checkServiceName(root, name);
  const read = (path: string) => readFile(join(root, path), "utf8");
  const upper = name.toUpperCase();
  const [services, all, containers, example] = await Promise.all(
    [registry, variables, compose, composeExample].map(read),
  );
  return {
    create: await serviceFiles(name),
    edit: [
      {
        path: registry,
        text: appendItem(services ?? "", /databaseVariables = \{/, `${name}: "${upper}_DATABASE",`, registry),
      },
      {
        path: variables,
        text: afterLast(
          all ?? "",
          /^ +[A-Z0-9]+_DATABASE: name\(.*\),$/gm,
          `    ${upper}_DATABASE: name({ purpose: "Database of the ${name} service.", default: "${name}" }),`,
          variables,
        ),
      },
      { path: compose, text: withContainers(containers ?? "", name, upper) },
      { path: composeExample, text: withPasswords(example ?? "", upper) },
    ],
    run: [["scripts/generate.ts"], ["scripts/client.ts"]],
    made: [".env.example", "deploy/nats/nats.conf", `clients/${name}.v1.ts`],
  };
}

function withContainers(text: string, name: string, upper: string): string {
  let result = before(text, /^x-container: &container$/m, composeBlock(name, upper), compose);
  result = afterLast(
    result,
    /^ {6}[A-Z0-9]+_POSTGRES_PASSWORD: .*$/gm,
    `      ${upper}_DATABASE: \${${upper}_DATABASE:-${name}}\n      ${upper}_POSTGRES_PASSWORD: \${${upper}_POSTGRES_PASSWORD:?}`,
    compose,
  );
  result = afterLast(
    result,
    /^ {6}[A-Z0-9]+_NATS_PASSWORD: .*$/gm,
    `      ${upper}_NATS_PASSWORD: \${${upper}_NATS_PASSWORD:?}`,
    compose,
  );
  return before(result, /^volumes:$/m, composeContainers(name), compose);
}

function withPasswords(text: string, upper: string): string {
  return ["POSTGRES", "NATS"].reduce(
    (result, server) =>
      afterLast(
        result,
        new RegExp(`^[A-Z0-9]+_${server}_PASSWORD=.*$`, "gm"),
        `${upper}_${server}_PASSWORD=`,
        composeExample,
      ),
    text,
  );
}
