import jwt from "jsonwebtoken";
import { type Static, Type } from "typebox";
import Compile from "typebox/compile";
import { v7 as uuid } from "uuid";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { roles } from "./roles.ts";
import type { TokenData, VerifiedToken } from "./token-data.ts";
import { signingKey, takenKeys } from "./token-keys.ts";

/** Seconds for which an access token is valid. */
export const accessTokenSeconds = 15 * 60;
/** Seconds for which a service token is valid: enough for one call with its retries. */
export const serviceTokenSeconds = 60;

const algorithm = "HS256";
const issuer = "postbox";
const audience = "postbox";

/** Characters of a token at most. A longer one is refused unread; those made here have about 400. */
const maxTokenLength = 1_024;

const common = {
  iss: Type.Literal(issuer),
  aud: Type.Literal(audience),
  iat: Type.Integer(),
  exp: Type.Integer(),
  jti: Type.String({ minLength: 1, maxLength: 64 }),
};
const accessClaims = Type.Object({
  ...common,
  type: Type.Literal("access"),
  sub: Type.String({ minLength: 1, maxLength: 64 }),
  role: Type.Enum([...roles]),
  verified: Type.Boolean(),
});
const serviceClaims = Type.Object({
  ...common,
  type: Type.Literal("service"),
  sub: Type.String({ minLength: 1, maxLength: 64 }),
});
const access = Compile(accessClaims);
const service = Compile(serviceClaims);

/** An access token, and what its session stores of it. */
export interface SignedToken {
  readonly token: string;
  readonly jti: string;
  /** Seconds until it expires. */
  readonly expiresIn: number;
}

/** Makes the access token of a user, for the service that issues tokens. `jti` is the token's id; default: a new UUID v7. */
export function signAccessToken(
  { user_id, role, verified }: Pick<TokenData, "user_id" | "role" | "verified">,
  jti: string = uuid(),
): SignedToken {
  const token = sign({ type: "access", sub: user_id, role, verified, jti }, accessTokenSeconds);
  return { token, jti, expiresIn: accessTokenSeconds };
}

/** Makes the token by which a service calls an action. `callAsService` does it for you. */
export function signServiceToken(name: string): string {
  return sign({ type: "service", sub: name, jti: uuid() }, serviceTokenSeconds);
}

/**
 * Verifies a token by signature, algorithm, key, issuer, audience, type and lifetime.
 *
 * @throws PostboxError `unauthenticated`, without saying which of them failed.
 */
export function verifyToken(token: string): VerifiedToken {
  const claims = token.length > maxTokenLength ? undefined : verifiedClaims(token);
  if (access.Check(claims)) {
    const { sub, role, verified, jti, iat, exp }: Static<typeof accessClaims> = claims;
    return { user_id: sub, role, verified, type: "access", jti, iat, exp };
  }
  if (service.Check(claims)) {
    const { sub, jti, iat, exp }: Static<typeof serviceClaims> = claims;
    return { service: sub, type: "service", jti, iat, exp };
  }
  throw new PostboxError("unauthenticated", "The token is not valid; log in again.");
}

function verifiedClaims(token: string): unknown {
  try {
    const { kid, typ, crit } = jwt.decode(token, { complete: true })?.header ?? {};
    const key = takenKeys().find(({ id }) => id === kid);
    // An extension that is critical must be understood (RFC 7515, 4.1.11), and none is.
    if (!key || typ !== "JWT" || crit !== undefined) return undefined;
    return jwt.verify(token, key.secret, { algorithms: [algorithm], issuer, audience, maxAge: accessTokenSeconds });
  } catch {
    return undefined;
  }
}

function sign(claims: object, expiresIn: number): string {
  const { id: keyid, secret } = signingKey();
  return jwt.sign(claims, secret, { algorithm, issuer, audience, expiresIn, keyid });
}
