import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Changes } from "./changes.ts";
import { addImport, appendItem } from "./edit-text.ts";
import { jobName } from "./names.ts";
import { render } from "./render.ts";

/** A job that runs every night, in the service's list of jobs, with a test that runs it now. */
export async function newJob(root: string, service: string, name: string): Promise<Changes> {
  const { kebab, camel } = jobName(name);
  const values = { service, kebab, camel };
  const list = `services/${service}/jobs.ts`;
  const text = await readFile(join(root, list), "utf8");
  return {
    create: [
      { path: `services/${service}/jobs/${kebab}.ts`, text: await render("job", values) },
      { path: `test/${service}/${kebab}.test.ts`, text: await render("job-test", values) },
    ],
    edit: [
      {
        path: list,
        text: appendItem(
          addImport(text, `import { ${camel} } from "./jobs/${kebab}.ts";`),
          /export const jobs\b[^=]*= \[/,
          camel,
          list,
        ),
      },
    ],
    run: [],
    made: [],
    next: [
      `Write when it runs and what it does: services/${service}/jobs/${kebab}.ts`,
      `Run it now, on a running stack: npx postbox jobs run ${service} ${kebab}`,
    ],
  };
}
