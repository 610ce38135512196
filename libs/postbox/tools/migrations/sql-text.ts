const literals = /'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$/g;

/** Whether a text inside the statement goes over more than one line: then a change of layout would change the text. */
export function literalSpansLines(statement: string): boolean {
  return (statement.match(literals) ?? []).some((literal) => literal.includes("\n"));
}
