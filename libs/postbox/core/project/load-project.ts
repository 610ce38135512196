import { declareVariables } from "../configuration/known-variables.ts";
import { projectRoot } from "./project-root.ts";
import { projectVariables } from "./project-variables.ts";
import { loadRevocationSource } from "./revocation-source.ts";
import { loadServiceErrors } from "./service-errors.ts";

let loading: Promise<void> | undefined;

/**
 * Finds what the services of the project declare for the whole of it: variables, error codes, the source of revoked
 * tokens. Await it before the first `config()` and the first `PostboxError`. Further calls do nothing.
 *
 * @throws PostboxError `configuration-invalid` where two declarations contradict each other.
 */
export function loadProject(): Promise<void> {
  loading ??= load(projectRoot());
  return loading;
}

async function load(root: string): Promise<void> {
  declareVariables(await projectVariables(root));
  await loadServiceErrors(root);
  await loadRevocationSource(root);
}
