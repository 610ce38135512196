import { expect, test } from "@jest/globals";
import { configure } from "../../core/configuration/config.ts";
import { readConfig } from "../../core/configuration/read.ts";
import { fingerprint, isFingerprint } from "./fingerprint.ts";

const last = "the last secret, of more than thirty-two bytes";
const next = "the next secret, of more than thirty-two bytes";
const keys = (secret: string, second = "") =>
  configure(readConfig({ TOKEN_SECRET: secret, TOKEN_SECRET_SECOND: second }));

test("a request is known again under the key that is the second one, and its fingerprint tells of no other request", () => {
  const slot = { scope: "v1.auth.register 127.0.0.1", key: "k-1" };
  const request = { body: { username: "ada", password: "difference-engine1" } };
  const turned = { body: { password: "difference-engine1", username: "ada" } };
  keys(last);
  const stored = fingerprint(slot, request);
  expect(fingerprint({ ...slot, key: "k-2" }, request)).not.toBe(stored);
  for (const [secret, second, known] of [
    [last, "", true],
    [next, last, true],
    [next, "", false],
  ] as const) {
    keys(secret, second);
    expect(isFingerprint(stored, slot, turned)).toBe(known);
    expect(isFingerprint(stored, slot, { body: { ...request.body, password: "difference-engine2" } })).toBe(false);
  }
});
