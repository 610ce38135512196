const literals = /'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$/g;

/** Whether a literal in the statement has more than one line. The layout of such a statement is part of its meaning. */
export function literalSpansLines(statement: string): boolean {
  return (statement.match(literals) ?? []).some((literal) => literal.includes("\n"));
}
