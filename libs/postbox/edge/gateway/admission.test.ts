import { expect, test } from "@jest/globals";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import type { Meta } from "../actions/meta.ts";
import type { Incoming } from "../requests/incoming.ts";
import type { Route } from "../routes/route.ts";
import type { VerifiedToken } from "../tokens/token-data.ts";
import { type AdmissionPolicy, admit } from "./admission.ts";

const user = { type: "access", user_id: "ada", role: "user", verified: true, jti: "j", iat: 1, exp: 2 } as const;
const service = { type: "service", service: "shop", jti: "j", iat: 1, exp: 2 } as const;

const route = (more: Partial<Route> = {}) =>
  ({
    ...{ method: "POST", action: "v1.shop.order", access: "gen", parts: { cookies: [] } },
    ...{ document: { idempotent: true }, ...more },
  }) as Route;
const request = (headers: Readonly<Record<string, string>> = {}) =>
  ({ headers, answerHeaders: [] }) as unknown as Incoming;

/** A policy whose verifier knows one token, and the callers that its limiter counted. */
function policy(verified?: VerifiedToken) {
  const counted: string[] = [];
  const given: AdmissionPolicy = {
    origins: ["https://shop.example"],
    verifier: { admit: () => verified },
    clientOf: () => ({ address: "2001:db8:1:2::5", network: "2001:db8:1:2" }),
    limiter: { take: async (_limited, caller) => void counted.push(caller) },
  };
  return { given, counted };
}

test("an admitted request has the verified token and its address, and waits for nothing", () => {
  const meta: Meta = {};
  expect(admit(policy(user).given, request({ authorization: "Bearer t" }), route(), meta)).toBeUndefined();
  expect(meta).toEqual({ token: "t", clientAddress: "2001:db8:1:2::5" });
});

test("a public action gets no token, whatever the request brings", () => {
  const meta: Meta = {};
  admit(policy().given, request({ authorization: "Bearer t" }), route({ access: "public" }), meta);
  expect(meta).toEqual({ clientAddress: "2001:db8:1:2::5" });
});

test("a service's token is refused", () => {
  expect(() => admit(policy(service).given, request({ authorization: "Bearer t" }), route(), {})).toThrow(
    expect.objectContaining({ type: "unauthenticated" }),
  );
});

test("what the verifier refuses is refused, after the page of another site is", () => {
  const { given } = policy();
  const verifier = {
    admit: () => {
      throw new PostboxError("forbidden");
    },
  };
  const refused = (headers: Readonly<Record<string, string>>) => () =>
    admit({ ...given, verifier }, request(headers), route(), {});
  const page = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
  expect(refused(page)).toThrow(expect.objectContaining({ type: "cross-site" }));
  expect(refused({ ...page, origin: "https://shop.example" })).toThrow(expect.objectContaining({ type: "forbidden" }));
});

test.each([
  [true, "k-1"],
  [false, undefined],
] as const)("an idempotency key comes to an action that honours keys (%s) as %s", (idempotent, idempotencyKey) => {
  const meta: Meta = {};
  const { document } = route();
  const given = route({ document: { ...document, idempotent } });
  admit(policy(user).given, request({ "idempotency-key": "k-1" }), given, meta);
  expect(meta.idempotencyKey).toBe(idempotencyKey);
});

test("an idempotency key that is none is refused", () => {
  expect(() => admit(policy(user).given, request({ "idempotency-key": "a b" }), route(), {})).toThrow(
    expect.objectContaining({ type: "malformed-request" }),
  );
});

test("a limited action counts a user by id, anybody else by network, and nobody while limits are off", async () => {
  const limited = route({ limits: [{ count: 1, seconds: 60 }] });
  const [known, unknown] = [policy(user), policy()];
  await admit(known.given, request({ authorization: "Bearer t" }), limited, {});
  await admit(unknown.given, request(), { ...limited, access: "public" }, {});
  expect([...known.counted, ...unknown.counted]).toEqual(["ada", "2001:db8:1:2"]);
  expect(
    admit({ ...unknown.given, limiter: undefined }, request(), { ...limited, access: "public" }, {}),
  ).toBeUndefined();
});
