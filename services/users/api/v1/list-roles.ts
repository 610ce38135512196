import { Type } from "typebox";
import { roleName } from "../../../../libs/auth/fields.ts";
import { object } from "../../../../libs/postbox/core/validation/object.ts";
import { action } from "../../../../libs/postbox/edge/actions/action.ts";
import { roles } from "../../../../libs/postbox/edge/tokens/roles.ts";

export const listRoles = action({
  rest: "GET /management/roles",
  access: "mgmt",
  summary: "The roles that a user can have",
  rateLimit: "120/minute",
  params: object({}),
  response: Type.Array(roleName),
  handler: () => [...roles],
});
