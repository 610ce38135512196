import { createPrivateKey, generateKeyPairSync, sign, X509Certificate } from "node:crypto";

/** A certificate that signs itself, and its key, in PEM. */
export interface SelfSigned {
  readonly certificate: string;
  readonly key: string;
}

const day = 86_400_000;

/** Makes a certificate for 127.0.0.1, good for a day (RFC 5280). Node reads certificates, but makes none. */
export function selfSigned(): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const ecdsaWithSha256 = sequence(objectId("2a8648ce3d040302"));
  const name = sequence(tagged(0x31, sequence(objectId("550403"), tagged(0x0c, Buffer.from("postbox test")))));
  const addresses = sequence(tagged(0x87, Buffer.from([127, 0, 0, 1])));
  const subjectAltName = sequence(objectId("551d11"), tagged(0x04, addresses));
  const toBeSigned = sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    sequence(time(Date.now() - day), time(Date.now() + day)),
    name,
    publicKey,
    tagged(0xa3, sequence(subjectAltName)),
  );
  const signature = sign("sha256", toBeSigned, createPrivateKey(privateKey));
  const der = sequence(toBeSigned, ecdsaWithSha256, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
  return { certificate: new X509Certificate(der).toString(), key: privateKey };
}

/** A value in DER: its tag, its length, itself. */
function tagged(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}

const sequence = (...parts: readonly Buffer[]) => tagged(0x30, Buffer.concat(parts));
const integer = (value: number) => tagged(0x02, Buffer.of(value));
const objectId = (hex: string) => tagged(0x06, Buffer.from(hex, "hex"));
/** `YYMMDDHHMMSSZ`. */
const time = (milliseconds: number) =>
  tagged(0x17, Buffer.from(`${new Date(milliseconds).toISOString().replaceAll(/\D/g, "").slice(2, 14)}Z`));
