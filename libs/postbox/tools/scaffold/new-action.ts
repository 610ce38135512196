import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Changes } from "./changes.ts";
import { addImport, appendItem } from "./edit-text.ts";
import { newestVersion, versionFile } from "./latest-version.ts";
import { capital, partName } from "./names.ts";
import { quoted, render } from "./render.ts";
import { requestServices } from "./request-services.ts";
import { typeFile } from "./service-files.ts";

/** An action of the service's newest version, for any user, with a test through the gateway. */
export async function newAction(root: string, service: string, name: string): Promise<Changes> {
  const { kebab, camel } = partName(name, "an action");
  const version = await newestVersion(root, service);
  const list = await actionList(root, service, version);
  const summary = capital(kebab.replaceAll("-", " "));
  const parts = quoted([...(await requestServices(root)), service]);
  const values = { parts, service, Service: capital(service), version: `${version}`, kebab, camel, summary };
  const typed = await access(join(root, `services/${service}/${service}-service.ts`)).then(
    () => true,
    () => false,
  );
  return {
    create: [
      { path: `services/${service}/api/v${version}/${kebab}.ts`, text: await render("action", values) },
      { path: `test/${service}/${kebab}.test.ts`, text: await render("action-test", values) },
      ...(typed ? [] : [await typeFile(service)]),
    ],
    edit: [
      {
        path: list.path,
        text: appendItem(
          addImport(list.text, `import { ${camel} } from "${list.folder}/${kebab}.ts";`),
          list.opener,
          camel,
          list.path,
        ),
      },
    ],
    run: [["scripts/client.ts"]],
    made: [`clients/${service}.v${version}.ts`],
  };
}

interface ActionList {
  readonly path: string;
  readonly text: string;
  readonly opener: RegExp;
  /** The folder of the version's actions, as this file imports from it. */
  readonly folder: string;
}

/** Where a version's actions are named: in `api/v<n>/actions.ts`, or else in the service file itself. */
async function actionList(root: string, service: string, version: number): Promise<ActionList> {
  const path = `services/${service}/api/v${version}/actions.ts`;
  const text = await readFile(join(root, path), "utf8").catch(() => undefined);
  if (text !== undefined) return { path, text, opener: /export const actions = \{/, folder: "." };
  const file = versionFile(service, version);
  const own = await readFile(join(root, file), "utf8");
  const spread = own.replace(/^ {2}actions: ([^{].*),$/m, "  actions: { ...($1) },");
  const withList = /^ {2}actions: \{/m.test(spread) ? spread : spread.replace(/^\}\);$/m, "  actions: {},\n});");
  return { path: file, text: withList, opener: /^ {2}actions: \{/m, folder: `./api/v${version}` };
}
