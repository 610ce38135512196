import { beforeEach, expect, test } from "@jest/globals";
import { configure } from "../../core/configuration/config.ts";
import { readConfig } from "../../core/configuration/read.ts";
import { seal, unseal } from "./sealed.ts";
import { signAccessToken, signServiceToken, verifyToken } from "./token.ts";

const last = "the last secret, of more than thirty-two bytes";
const next = "the next secret, of more than thirty-two bytes";

const user = { user_id: "u1", role: "user", verified: true } as const;
const keys = (secret: string, second = "") =>
  configure(readConfig({ TOKEN_SECRET: secret, TOKEN_SECRET_SECOND: second }));

let old: string;
let oldService: string;
let oldSeal: string;
beforeEach(() => {
  keys(last);
  old = signAccessToken(user).token;
  oldService = signServiceToken("emails");
  oldSeal = seal("a link", "reset u1");
});

test("tokens and links of the last key are taken while it is the second one, and refused once it is dropped", () => {
  keys(next, last);
  expect(verifyToken(old)).toMatchObject(user);
  expect(verifyToken(oldService)).toMatchObject({ service: "emails" });
  expect(unseal(oldSeal, "reset u1")).toBe("a link");
  expect(() => unseal(oldSeal, "reset u2")).toThrow();
  keys(next);
  for (const token of [old, oldService])
    expect(() => verifyToken(token)).toThrow(expect.objectContaining({ type: "unauthenticated" }));
  expect(() => unseal(oldSeal, "reset u1")).toThrow();
});

test("with two keys tokens are made with the first alone", () => {
  keys(next, last);
  const [token, sealed] = [signAccessToken(user).token, seal("a link", "reset u1")];
  expect(verifyToken(token)).toMatchObject(user);
  keys(next);
  expect(verifyToken(token)).toMatchObject(user);
  expect(unseal(sealed, "reset u1")).toBe("a link");
  keys(last);
  expect(() => verifyToken(token)).toThrow();
  expect(() => unseal(sealed, "reset u1")).toThrow();
});

test("an instance that still signs with the last key takes tokens of the next one, where it is the second", () => {
  keys(next);
  const { token } = signAccessToken(user);
  keys(last, next);
  expect(verifyToken(token)).toMatchObject(user);
});

test("a token of a third key is refused, also under the name of one that is taken", () => {
  const [header] = old.split(".");
  keys("a third secret, of more than thirty-two bytes");
  const [, payload, signature] = signAccessToken(user).token.split(".");
  const unknown = signAccessToken(user).token;
  keys(next, last);
  expect(() => verifyToken(unknown)).toThrow(expect.objectContaining({ type: "unauthenticated" }));
  expect(() => verifyToken(`${header}.${payload}.${signature}`)).toThrow();
});

test("a second secret under 32 bytes is refused outside local", () => {
  const env = { ENVIRONMENT: "staging", TOKEN_SECRET: next, POSTGRES_PASSWORD: "p" };
  expect(() => readConfig({ ...env, TOKEN_SECRET_SECOND: "x".repeat(31) })).toThrow(/TOKEN_SECRET_SECOND has 31 bytes/);
  expect(() => readConfig({ ...env, TOKEN_SECRET_SECOND: "changethis" })).toThrow(/TOKEN_SECRET_SECOND is left at/);
  expect(readConfig({ ...env, TOKEN_SECRET_SECOND: last }).TOKEN_SECRET_SECOND).toBe(last);
});
