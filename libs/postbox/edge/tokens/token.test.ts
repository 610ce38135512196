import { generateKeyPairSync } from "node:crypto";
import { beforeAll, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import { configure } from "../../core/configuration/config.ts";
import { readConfig } from "../../core/configuration/read.ts";
import { signAccessToken, signServiceToken, verifyToken } from "./token.ts";

const secret = "a secret of more than thirty-two bytes";
const user = { user_id: "u1", role: "user", verified: true } as const;

beforeAll(() => configure(readConfig({ TOKEN_SECRET: secret })));

const now = () => Math.floor(Date.now() / 1_000);
const good = () => jwt.decode(signAccessToken(user, "j1").token, { complete: true });
const kid = () => good()?.header.kid ?? "";
const claims = () => ({ ...Object(good()?.payload) });

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
/** A token with our own signature over any header and claims. */
const signed = (payload: object, header: object = {}, key: jwt.Secret = secret) =>
  jwt.sign(payload, key, { algorithm: "HS256", header: { alg: "HS256", typ: "JWT", kid: kid(), ...header } });
const without = (name: string) => Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name));
const parts = () => signAccessToken(user).token.split(".") as [string, string, string];

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });

const mutations: readonly [string, () => string][] = [
  ["nothing", () => ""],
  ["a critical extension", () => signed(claims(), { crit: ["exp"], exp: 1 })],
  ["an empty list of critical extensions", () => signed(claims(), { crit: [] })],
  ["two parts", () => parts().slice(0, 2).join(".")],
  ["four parts", () => [...parts(), "x"].join(".")],
  ["no signature", () => `${parts()[0]}.${parts()[1]}.`],
  ["algorithm none", () => `${encode({ alg: "none", typ: "JWT", kid: kid() })}.${encode(claims())}.`],
  ["algorithm None", () => `${encode({ alg: "None", typ: "JWT", kid: kid() })}.${encode(claims())}.`],
  ["algorithm none with a signature", () => `${encode({ alg: "none", kid: kid() })}.${parts()[1]}.${parts()[2]}`],
  ["no algorithm", () => `${encode({ typ: "JWT", kid: kid() })}.${parts()[1]}.${parts()[2]}`],
  ["HS384", () => jwt.sign(claims(), secret, { algorithm: "HS384", keyid: kid() })],
  ["HS512", () => jwt.sign(claims(), secret, { algorithm: "HS512", keyid: kid() })],
  ["RS256", () => jwt.sign(claims(), rsa.privateKey, { algorithm: "RS256", keyid: kid() })],
  ["PS256", () => jwt.sign(claims(), rsa.privateKey, { algorithm: "PS256", keyid: kid() })],
  ["a public key as the secret", () => signed(claims(), {}, rsa.publicKey.export({ type: "spki", format: "pem" }))],
  ["another secret", () => signed(claims(), {}, "another secret of thirty-two bytes or more")],
  ["an empty-looking secret", () => signed(claims(), {}, " ")],
  ["the key's id as the secret", () => signed(claims(), {}, kid())],
  ["no kid", () => signed(claims(), { kid: undefined })],
  ["another kid", () => signed(claims(), { kid: "other" })],
  ["a path as kid", () => signed(claims(), { kid: "../../../dev/null" })],
  ["SQL as kid", () => signed(claims(), { kid: "' or 1=1 --" })],
  ["no typ", () => signed(claims(), { typ: undefined })],
  ["another typ", () => signed(claims(), { typ: "at+jwt" })],
  ["a key of its own", () => signed(claims(), { jwk: { kty: "oct", k: "AA" }, kid: "x" })],
  ["a critical header", () => signed(claims(), { crit: ["exp"], kid: "x" })],
  ["the claims of another", () => `${parts()[0]}.${encode({ ...claims(), sub: "u2" })}.${parts()[2]}`],
  ["the role raised", () => `${parts()[0]}.${encode({ ...claims(), role: "root" })}.${parts()[2]}`],
  [
    "one bit of the signature turned",
    () => `${parts()[0]}.${parts()[1]}.${parts()[2].replace(/^./, (c) => (c === "A" ? "B" : "A"))}`,
  ],
  ["a signature cut short", () => parts().join(".").slice(0, -4)],
  ["a signature made longer", () => `${parts().join(".")}AAAA`],
  ["another issuer", () => signed({ ...claims(), iss: "other" })],
  ["no issuer", () => signed(without("iss"))],
  ["a list of issuers", () => signed({ ...claims(), iss: ["postbox"] })],
  ["another audience", () => signed({ ...claims(), aud: "other" })],
  ["no audience", () => signed(without("aud"))],
  ["several audiences", () => signed({ ...claims(), aud: ["postbox", "other"] })],
  ["an audience that begins the same", () => signed({ ...claims(), aud: "postbox.evil" })],
  ["an end that is past", () => signed({ ...claims(), exp: now() - 1 })],
  ["no end", () => signed(without("exp"))],
  ["an end far off", () => signed({ ...claims(), iat: now() - 86_400, exp: now() + 86_400 })],
  [
    "an end as text",
    () => `${encode({ alg: "HS256", typ: "JWT", kid: kid() })}.${encode({ ...claims(), exp: "9999999999" })}.x`,
  ],
  ["a beginning in the future", () => signed({ ...claims(), nbf: now() + 600 })],
  ["no time of making", () => jwt.sign(without("iat"), secret, { noTimestamp: true, keyid: kid() })],
  ["no type", () => signed(without("type"))],
  ["a refresh token", () => signed({ ...claims(), type: "refresh" })],
  ["an unknown type", () => signed({ ...claims(), type: "admin" })],
  ["a type in capitals", () => signed({ ...claims(), type: "ACCESS" })],
  ["a list of types", () => signed({ ...claims(), type: ["access"] })],
  ["no user", () => signed(without("sub"))],
  ["an empty user", () => signed({ ...claims(), sub: "" })],
  ["a user of 65 characters", () => signed({ ...claims(), sub: "u".repeat(65) })],
  ["no role", () => signed(without("role"))],
  ["an unknown role", () => signed({ ...claims(), role: "superuser" })],
  ["a list of roles", () => signed({ ...claims(), role: ["root"] })],
  ["no word on verification", () => signed(without("verified"))],
  ["verification as text", () => signed({ ...claims(), verified: "true" })],
  ["no id", () => signed(without("jti"))],
  [
    "an id that is a number",
    () => `${encode({ alg: "HS256", typ: "JWT", kid: kid() })}.${encode({ ...claims(), jti: 7 })}.x`,
  ],
  ["an id of 65 characters", () => signed({ ...claims(), jti: "j".repeat(65) })],
  [
    "claims that are a list",
    () => `${encode({ alg: "HS256", typ: "JWT", kid: kid() })}.${encode([claims()])}.${parts()[2]}`,
  ],
  ["claims that are no JSON", () => `${parts()[0]}.${Buffer.from("{").toString("base64url")}.${parts()[2]}`],
  ["two thousand characters", () => signed({ ...claims(), more: "x".repeat(2_000) })],
  ["spaces around it", () => ` ${parts().join(".")} `],
];

test("there are sixty mutations or more", () => expect(mutations.length).toBeGreaterThanOrEqual(60));

test.each(mutations)("a token with %s is refused", (_, make) => {
  const token = make();
  expect(() => verifyToken(token)).toThrow(expect.objectContaining({ type: "unauthenticated" }));
});

test("our own tokens are taken, and say what was put into them", () => {
  expect(verifyToken(signAccessToken(user, "j1").token)).toMatchObject({ ...user, type: "access", jti: "j1" });
  expect(verifyToken(signServiceToken("emails"))).toMatchObject({ service: "emails", type: "service" });
  expect(verifyToken(signed(claims()))).toMatchObject(user);
});

test("a secret under 32 bytes is refused outside local", () => {
  const env = { ENVIRONMENT: "staging", TOKEN_SECRET: "x".repeat(31), POSTGRES_PASSWORD: "p" };
  expect(() => readConfig(env)).toThrow(/TOKEN_SECRET has 31 bytes/);
  expect(() => readConfig({ ...env, TOKEN_SECRET: "changethis" })).toThrow(/TOKEN_SECRET/);
  expect(readConfig({ ...env, TOKEN_SECRET: "x".repeat(32) }).ENVIRONMENT).toBe("staging");
});
