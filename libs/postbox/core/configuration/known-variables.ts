import { PostboxError } from "../errors/postbox-error.ts";
import { runtimeVariables } from "./runtime-variables.ts";
import type { Variables } from "./variable.ts";

/** Variables by topic. A topic is a heading of `.env.example` and of the reference: `postgres`, `auth service`. */
export type VariablesByTopic = Readonly<Record<string, Variables>>;

let known: VariablesByTopic | undefined;

/**
 * Declares the variables of the project beside those of the runtime. Call it before anything reads the configuration.
 *
 * @throws PostboxError `configuration-invalid` for a variable that is declared twice.
 */
export function declareVariables(ofProject: VariablesByTopic): void {
  const all = { ...runtimeVariables, ...ofProject };
  refuseDuplicates(all);
  known = all;
}

/** @throws TypeError before `declareVariables`. */
export function variablesByTopic(): VariablesByTopic {
  if (known === undefined)
    throw new TypeError(
      "The variables of the project are not known yet. Await loadProject() before its configuration.",
    );
  return known;
}

/** Every variable by its name, topic after topic. */
export function allVariables(): Variables {
  return Object.assign({}, ...Object.values(variablesByTopic()));
}

function refuseDuplicates(topics: VariablesByTopic): void {
  const topicOf = new Map<string, string>();
  for (const [topic, variables] of Object.entries(topics))
    for (const name of Object.keys(variables)) {
      const earlier = topicOf.get(name);
      if (earlier !== undefined)
        throw new PostboxError(
          "configuration-invalid",
          `The variable ${name} is declared twice, by '${earlier}' and by '${topic}'. Rename one of them.`,
        );
      topicOf.set(name, topic);
    }
}
