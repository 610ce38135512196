import { Type } from "typebox";

/** What every subject answers to `GET /profile/me` with a user's token: the same bytes of JSON. */
export interface Profile {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly role: string;
  readonly verified: boolean;
}

export const profileSchema = Type.Object({
  id: Type.String(),
  username: Type.String(),
  email: Type.String(),
  role: Type.String(),
  verified: Type.Boolean(),
});

export function profileOf(id: string, role: string): Profile {
  return { id, username: "ada", email: "ada@example.com", role, verified: true };
}

/** The variable that hands a subject the key its tokens are signed with. */
export const secretOf = (env: NodeJS.ProcessEnv): string => env.TOKEN_SECRET ?? "";

/** Tells the benchmark where the subject listens. */
export function ready(port: number): void {
  process.send?.({ port });
}
