/**
 * The one form of a name or an address, in which accounts are stored, compared and counted: without surrounding blanks,
 * in Unicode's NFKC, in lower case. Postgres' `lower()` follows the database's locale, which in Turkish makes `ı` of `I`;
 * this function follows none.
 *
 * NFKC, as for passwords: a full-width `ａｄａ` of a Japanese keyboard means `ada`. No two accounts can meet in one form,
 * because what is unique is the form itself.
 */
export function fold(nameOrAddress: string): string {
  return nameOrAddress.normalize("NFKC").trim().toLowerCase();
}
