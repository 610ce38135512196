import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** An error's message. A fault in code has its location before it, from the stack: `services/orders/models.ts:14: …`. */
export function located(error: Error): string {
  const location = faultsInCode.has(error.name) ? locationOf(error) : undefined;
  return location === undefined ? error.message : `${location}: ${error.message}`;
}

const faultsInCode = new Set(["SyntaxError", "ReferenceError", "TypeError"]);

/** The first line of code in the stack that is none of a library's. */
function locationOf({ stack = "" }: Error): string | undefined {
  const locations = [...stack.matchAll(/((?:file:\/\/)?\/[^\s():]+):(\d+)/g)];
  const [, file, line] = locations.find(([location]) => !location.includes("/node_modules/")) ?? [];
  if (file === undefined) return undefined;
  return `${relative(process.cwd(), file.startsWith("file:") ? fileURLToPath(file) : file)}:${line}`;
}
