import { readFile } from "node:fs/promises";

/** Words as the members of a list in code: `"orders", "bills"`. */
export const quoted = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(", ");

/**
 * The text of a template of `templates/`, with `{{name}}` replaced by the value of that name.
 *
 * @throws TypeError for a name that has no value.
 */
export async function render(template: string, values: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(new URL(`templates/${template}.txt`, import.meta.url), "utf8");
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`The template '${template}' takes a '${name}', which is not given.`);
    return value;
  });
}
