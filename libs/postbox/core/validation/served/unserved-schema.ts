/** A schema that cannot be checked, closed, documented and typed alike. The message says where, why, and what to write. */
export class UnservedSchema extends Error {
  /** @param at names of properties and `[]` for items, from the outermost in. */
  constructor(at: readonly string[], fact: string) {
    super(`${at.length > 0 ? `'${at.join(".")}'` : "the schema"} ${fact}`);
    this.name = "UnservedSchema";
  }
}
