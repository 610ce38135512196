import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { migrationFiles } from "../migrations/history/migration-files.ts";
import type { Changes } from "./changes.ts";
import { addImport, appendItem } from "./edit-text.ts";
import { type Field, membersOf, typeOf } from "./field.ts";
import { capital, partName } from "./names.ts";
import { render } from "./render.ts";

/** A model with an id and the given fields, in the service's list of models, with its migration and a test. */
export async function newModel(
  root: string,
  service: string,
  name: string,
  fields: readonly Field[],
): Promise<Changes> {
  const { kebab, camel } = partName(name, "a model");
  const Name = capital(camel);
  const table = kebab.replaceAll("-", "_");
  const list = `services/${service}/models.ts`;
  const text = await readFile(join(root, list), "utf8");
  const files = await migrationFiles(join(root, "migrations", service));
  const number = String(Number(files.at(-1)?.name.slice(0, 4) ?? 0) + 1).padStart(4, "0");
  const imported = addImport(
    text.replace("_sequelize: Sequelize", "sequelize: Sequelize"),
    `import { define${Name}, type ${Name} } from "./models/${kebab}.ts";`,
  );
  const typed = appendItem(
    imported,
    new RegExp(`export interface ${capital(service)}Models extends [^{]*\\{`),
    `${Name}: ModelStatic<${Name}>`,
    list,
  );
  const sampleOf = (field: Field) => (field.type === "time" ? "new Date(0)" : typeOf(field).sample);
  return {
    create: [
      {
        path: `services/${service}/models/${kebab}.ts`,
        text: await render("model", {
          Name,
          table,
          attributes: fields.map((field) => `${field.name}: ${typeOf(field).ts};`).join("\n"),
          columns: membersOf(fields, (field) => `{ type: ${typeOf(field).column}, allowNull: false }`),
        }),
      },
      {
        path: `test/${service}/${kebab}-model.test.ts`,
        text: await render("model-test", { service, kebab, Name, samples: membersOf(fields, sampleOf) }),
      },
    ],
    edit: [{ path: list, text: appendItem(typed, /return \{/, `${Name}: define${Name}(sequelize)`, list) }],
    run: [["cli/postbox.js", "migrate", "make", service, `Add ${kebab.replaceAll("-", " ")}`]],
    made: [`migrations/${service}/${number}_add_${table}.ts`],
    next: [
      `Look at the migration, and apply it: npx postbox migrate up ${service}`,
      `Write and read it in an action: this.models.${Name}`,
    ],
  };
}
