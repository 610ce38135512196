import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { accessFile } from "../client/access-table.ts";
import type { Changes } from "./changes.ts";
import { newestVersion, versionFile } from "./latest-version.ts";
import { render } from "./render.ts";
import { edgeOf } from "./request-services.ts";

/**
 * The next version of a service's API: a service file, a list of actions and a typed client. The container of the service
 * serves all its versions.
 *
 * The list begins with every action of the version before, by reference. An action that changes gets a file of its own in
 * the new folder.
 *
 * @param latest whether the path without a version leads to it at once.
 */
export async function newVersion(root: string, service: string, latest: boolean): Promise<Changes> {
  const last = await newestVersion(root, service);
  const next = last + 1;
  const read = (path: string) => readFile(join(root, path), "utf8");
  const versions = `services/${service}/api/versions.ts`;
  const [file, before] = await Promise.all([read(versionFile(service, last)), read(versions)]);
  const moved = before.replace(/latest: \d+/, `latest: ${next}`);
  if (moved === before)
    throw new PostboxError("scaffold-failed", `${versions} names no latest version; nothing was made.`);
  const actions = await actionsOf(root, service, last, file);
  return {
    create: [
      { path: versionFile(service, next), text: serviceFile(file, last, next) },
      { path: `services/${service}/api/v${next}/actions.ts`, text: actions },
      {
        path: `test/${service}/version-${next}.test.ts`,
        text: await render("version-test", {
          service,
          edge: await edgeOf(root),
          last: `${last}`,
          next: `${next}`,
        }),
      },
    ],
    edit: latest ? [{ path: versions, text: moved }] : [],
    run: [["scripts/client.ts"]],
    made: [`clients/${service}.v${next}.ts`, accessFile],
    next: [
      `Change what differs from version ${last}: services/${service}/api/v${next}/actions.ts`,
      ...(latest ? [] : [`Make it what /${service}/... is, when its callers are ready: latest in ${versions}`]),
    ],
  };
}

/** The new version's list: what the last one's list has, or what its service file imports from its folder. */
async function actionsOf(root: string, service: string, last: number, file: string): Promise<string> {
  const folder = await readdir(join(root, "services", service, "api", `v${last}`));
  const doc = `/** What version ${last + 1} offers: at first all of version ${last}. What changes gets a file in this folder. */\n`;
  if (folder.includes("actions.ts"))
    return `import { actions as before } from "../v${last}/actions.ts";\n\n${doc}export const actions = { ...before };\n`;
  if (/^ {2}actions: ([^{]|\{[^}]*\.\.\.)/m.test(file))
    throw new PostboxError(
      "scaffold-failed",
      `${versionFile(service, last)} works its actions out and does not list them, so version ${last + 1} must be written by hand.`,
    );
  const imported = [...file.matchAll(new RegExp(`^import \\{ (\\w+) \\} from "\\./api/v${last}/([^"]+)";$`, "gm"))];
  const imports = imported.map(([, name, path]) => `import { ${name} } from "../v${last}/${path}";\n`).join("");
  const names = imported.map(([, name]) => name).join(", ");
  return `${imports}\n${doc}export const actions = { ${names} };\n`;
}

/** The service file of the last version, with the number and the actions of the next. */
function serviceFile(file: string, last: number, next: number): string {
  const moved = last === 1 ? fromFirst(file) : file;
  return moved.replace(/^ {2}version: \d+,$/m, `  version: ${next},`);
}

/** The first version's file stands two folders higher, and may name its actions one by one. */
function fromFirst(file: string): string {
  const up = "../../";
  return file
    .replace(/^import [^;]* from "\.\/api\/v1\/[^"]+";\n/gm, "")
    .replace(/^ {2}actions(: \{[^}]*\})?,\n/m, "")
    .replace(/from "\.\.\/\.\.\//g, (path) => path + up)
    .replace(/from "\.\/api\//g, 'from "../')
    .replace(/from "\.\//g, `from "${up}`)
    .replace(/^import /m, 'import { actions } from "./actions.ts";\nimport ')
    .replace(/^\}\);$/m, "  actions,\n});");
}
