const scheme = "bearer ";

/** The token of an `Authorization: Bearer` header. Any other scheme gives an empty text, which no verification accepts. */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return header.slice(0, scheme.length).toLowerCase() === scheme ? header.slice(scheme.length).trim() : "";
}
