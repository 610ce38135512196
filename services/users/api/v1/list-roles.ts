import { action, object, roles } from "postbox";
import { Type } from "typebox";
import { roleName } from "../../../../libs/auth/fields.ts";

export const listRoles = action({
  rest: "GET /management/roles",
  access: "mgmt",
  summary: "The roles that a user can have",
  rateLimit: "120/minute",
  params: object({}),
  response: Type.Array(roleName),
  handler: () => [...roles],
});
