import { accessFile } from "../client/access-table.ts";
import { generatedFiles } from "../reference/generated-files.ts";
import type { Changes } from "./changes.ts";
import { checkServiceName } from "./names.ts";
import { edgeOf } from "./request-services.ts";
import { serviceFiles } from "./service-files.ts";

/** A service with a database, an API, a worker and a scheduler. The project finds it by its folder. */
export async function newService(root: string, name: string): Promise<Changes> {
  await checkServiceName(root, name);
  return {
    create: await serviceFiles(name, await edgeOf(root)),
    edit: [],
    run: [["scripts/generate.ts"], ["scripts/client.ts"]],
    made: [...generatedFiles, `clients/${name}.v1.ts`, accessFile],
    next: [
      `Give it a table: npx postbox new model ${name} item --field name:string`,
      `Give it an action: npx postbox new action ${name} place --rest "POST /" --access gen`,
      "Start it with all others: bash scripts/start.sh",
    ],
  };
}
