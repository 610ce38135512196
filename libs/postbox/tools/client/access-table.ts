import type { Route } from "../../edge/routes/route.ts";

/** Where the table stands in the project. A change of it is a change of who reaches what, and is looked at as such. */
export const accessFile = "clients/access.txt";

/** Every route and who reaches it, a line each: `gen    POST   /orders/v1`. */
export function accessTable(routes: readonly Pick<Route, "access" | "method" | "path">[]): string {
  const lines = routes.map(({ access, method, path }) => `${access.padEnd(6)} ${method.padEnd(6)} ${path}`);
  return `${lines.sort().join("\n")}\n`;
}
