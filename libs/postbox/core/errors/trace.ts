/** Properties that name an error's kind and place without data: Node's `code`, and fields of Postgres errors. */
const safeFields = ["code", "constraint", "schema", "table", "column"];

/** Causes that are followed at most. */
const maxDepth = 5;

/**
 * An error as it may be logged: its stack, its safe fields, and the same of its causes. Other properties are left out:
 * Sequelize's `parameters` are the bound values.
 */
export function traceOf(error: unknown): string {
  const traces: string[] = [];
  for (let cause = error; cause !== undefined && traces.length < maxDepth; cause = causeOf(cause))
    traces.push(cause instanceof Error ? `${cause.stack}${fieldsOf(cause)}` : String(cause));
  return traces.join("\n  caused by ");
}

function fieldsOf(error: Error): string {
  const present = safeFields.filter((name) => Reflect.get(error, name) !== undefined);
  return present.map((name) => `\n    ${name}: ${Reflect.get(error, name)}`).join("");
}

/** Sequelize keeps the cause of an error as `parent`. */
function causeOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? Reflect.get(error, "parent")) : undefined;
}
