import { object } from "postbox/schema";
import { type Static, Type } from "typebox";
import { email, roleName, userId, username } from "./fields.ts";

/** A user without secrets: as the API shows it, and as other services copy it. */
export const publicUser = object({
  id: userId,
  username,
  email,
  role: roleName,
  verified: Type.Boolean({ description: "Whether the address has been proved." }),
  disabled: Type.Boolean({ description: "Whether the user is shut out." }),
  created_at: Type.String({ format: "date-time" }),
});
export type PublicUser = Static<typeof publicUser>;
