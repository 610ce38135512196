import Fastify from "fastify";
import jwt from "jsonwebtoken";
import { profileOf, profileSchema, ready, secretOf } from "./profile.ts";

/** Fastify, with a token verified for each request, or (with the argument `cached`) once until it ends. */
const cached = process.argv.includes("cached");
const secret = secretOf(process.env);
const known = new Map<string, jwt.JwtPayload>();

function verify(token: string): jwt.JwtPayload {
  const before = cached ? known.get(token) : undefined;
  if (before && (before.exp ?? 0) * 1_000 > Date.now()) return before;
  const claims = jwt.verify(token, secret, { algorithms: ["HS256"] });
  if (typeof claims === "string") throw new TypeError("The token has no claims.");
  if (cached) known.set(token, claims);
  return claims;
}

const app = Fastify();
app.get("/profile/me", { schema: { response: { 200: profileSchema } } }, async (request) => {
  const { sub = "", role } = verify((request.headers.authorization ?? "").slice("Bearer ".length));
  return profileOf(sub, role);
});
const address = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
ready(Number(address.port));
