import Format from "typebox/format";

/** Characters of an address at most, and of its part before the `@` (RFC 5321, 4.5.3.1; RFC 3696, erratum 1690). */
const maxAddressLength = 254;
const maxLocalPartLength = 64;

const address =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** An address that mail can be sent to over the internet: the domain has a dot, nothing is quoted. */
function isEmail(value: string): boolean {
  return value.length <= maxAddressLength && value.indexOf("@") <= maxLocalPartLength && address.test(value);
}

/** Makes TypeBox take `email` as above; its own also takes `a@b`, quotes and address literals. */
export function setFormats(): void {
  Format.Set("email", isEmail);
}
