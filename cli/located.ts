import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** An error's message; of a fault in code with its place, which only the stack says: `services/orders/models.ts:14: …`. */
export function located(error: Error): string {
  const place = faultsInCode.has(error.name) ? placeOf(error) : undefined;
  return place === undefined ? error.message : `${place}: ${error.message}`;
}

const faultsInCode = new Set(["SyntaxError", "ReferenceError", "TypeError"]);

/** The first line of code in the stack that is none of a library's. */
function placeOf({ stack = "" }: Error): string | undefined {
  const places = [...stack.matchAll(/((?:file:\/\/)?\/[^\s():]+):(\d+)/g)];
  const [, file, line] = places.find(([place]) => !place.includes("/node_modules/")) ?? [];
  if (file === undefined) return undefined;
  return `${relative(process.cwd(), file.startsWith("file:") ? fileURLToPath(file) : file)}:${line}`;
}
