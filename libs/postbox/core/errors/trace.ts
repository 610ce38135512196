/** What names the kind of an error and where it arose, and holds no data: Node's code, and those of Postgres' fields. */
const facts = ["code", "constraint", "schema", "table", "column"];

/** Causes that are followed. */
const depth = 5;

/**
 * An error as it may be logged: its stack and those of its causes. Not what else hangs on it: Sequelize's `parameters`
 * are the values that were bound.
 */
export function traceOf(error: unknown): string {
  const told: string[] = [];
  for (let one = error; one !== undefined && told.length < depth; one = causeOf(one))
    told.push(one instanceof Error ? `${one.stack}${factsOf(one)}` : String(one));
  return told.join("\n  caused by ");
}

function factsOf(error: Error): string {
  const found = facts.filter((name) => Reflect.get(error, name) !== undefined);
  return found.map((name) => `\n    ${name}: ${Reflect.get(error, name)}`).join("");
}

/** Sequelize keeps it as `parent`. */
function causeOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? Reflect.get(error, "parent")) : undefined;
}
