/** The token of an `Authorization: Bearer` header; an empty text, which no verification accepts, for any other scheme. */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  return /^bearer +([\w.~+/=-]+) *$/i.exec(header)?.[1] ?? "";
}
