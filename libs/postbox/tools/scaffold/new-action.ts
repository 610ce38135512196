import { access as canRead, readFile } from "node:fs/promises";
import { join } from "node:path";
import { accessFile } from "../client/access-table.ts";
import { actionParts, type ScaffoldAccess } from "./action-parts.ts";
import type { Changes } from "./changes.ts";
import { addImport, appendItem } from "./edit-text.ts";
import { newestVersion, versionFile } from "./latest-version.ts";
import { capital, partName } from "./names.ts";
import { quoted, render } from "./render.ts";
import { requestServices } from "./request-services.ts";
import { typeFile } from "./service-files.ts";

/** An action of the service's newest version, with a test through the gateway. Default: a GET of its name, for any user. */
export async function newAction(
  root: string,
  service: string,
  name: string,
  { rest, access = "gen" }: { readonly rest?: string | undefined; readonly access?: ScaffoldAccess | undefined } = {},
): Promise<Changes> {
  const { kebab, camel } = partName(name, "an action");
  const version = await newestVersion(root, service);
  const list = await actionList(root, service, version);
  const summary = capital(kebab.replaceAll("-", " "));
  const parts = quoted([...(await requestServices(root)), service]);
  const declared = actionParts(rest ?? `GET /${kebab}`, access, summary);
  const values = {
    ...declared,
    parts,
    service,
    Service: capital(service),
    version: `${version}`,
    kebab,
    camel,
    summary,
  };
  const typed = await canRead(join(root, `services/${service}/${service}-service.ts`)).then(
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
    made: [`clients/${service}.v${version}.ts`, accessFile],
    next: [
      `Write what it takes, gives and does: services/${service}/api/v${version}/${kebab}.ts`,
      "Bring the typed client up to date afterwards: npm run client",
      `Run its test: bash services/${service}/scripts/run-tests.sh`,
    ],
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
