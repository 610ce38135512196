import { engineVersions } from "../../delivery/schema/engine-schema.ts";
import type { NewFile } from "./changes.ts";
import { capital } from "./names.ts";
import { render } from "./render.ts";

/**
 * The files of a new service that has nothing to do yet.
 *
 * @param edge the service that its test sends requests to.
 */
export async function serviceFiles(service: string, edge: string): Promise<NewFile[]> {
  const folder = `services/${service}`;
  const lint = { called: "lint.sh", purpose: "Checks this service alone." };
  const tests = { called: "test.sh", purpose: "Runs the tests of this service alone." };
  return Promise.all([
    file(service, `${folder}/${service}.service.ts`, "service"),
    file(service, `${folder}/${service}.worker.service.ts`, "worker"),
    file(service, `${folder}/${service}.scheduler.service.ts`, "scheduler"),
    typeFile(service),
    file(service, `${folder}/api/versions.ts`, "versions"),
    file(service, `${folder}/api/v1/actions.ts`, "actions"),
    file(service, `${folder}/models.ts`, "models"),
    file(service, `${folder}/events.ts`, "events"),
    file(service, `${folder}/jobs.ts`, "jobs"),
    file(service, `${folder}/scripts/lint.sh`, "script", lint),
    file(service, `${folder}/scripts/run-tests.sh`, "script", tests),
    ...engineVersions.map((_, index) => migrationFile(service, index + 1)),
    file(service, `test/${service}/${service}.test.ts`, "service-test", { edge }),
  ]);
}

/** A migration for each version of the engine's schema. */
function migrationFile(service: string, version: number): Promise<NewFile> {
  const name = `${String(version).padStart(4, "0")}_messaging${version === 1 ? "" : `_v${version}`}`;
  return file(service, `migrations/${service}/${name}.ts`, "migration", { version: `${version}` });
}

/** The type that a service's actions give their `this`. */
export function typeFile(service: string): Promise<NewFile> {
  return file(service, `services/${service}/${service}-service.ts`, "service-type");
}

async function file(
  service: string,
  path: string,
  template: string,
  more: Readonly<Record<string, string>> = {},
): Promise<NewFile> {
  const text = await render(template, { service, Service: capital(service), ...more });
  return { path, text, executable: path.endsWith(".sh") };
}
