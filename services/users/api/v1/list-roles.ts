import { Type } from "typebox";
import { roleName } from "../../../../libs/auth/fields.ts";
import { roles } from "../../../../libs/auth/roles.ts";
import { action } from "../../../../libs/moleculer/action.ts";
import { object } from "../../../../libs/moleculer/object.ts";

export const listRoles = action({
  rest: "GET /management/roles",
  access: "mgmt",
  summary: "The roles that a user can have",
  rateLimit: "120/minute",
  params: object({}),
  response: Type.Array(roleName),
  handler: () => [...roles],
});
