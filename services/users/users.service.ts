import { service } from "postbox";
import { entities, operations, rest, store } from "postbox/mixins";
import { changePassword } from "./api/v1/change-password.ts";
import { changeRole } from "./api/v1/change-role.ts";
import { changeUsername } from "./api/v1/change-username.ts";
import { findUsers } from "./api/v1/find-users.ts";
import { listRoles } from "./api/v1/list-roles.ts";
import { me } from "./api/v1/me.ts";
import { versions } from "./api/versions.ts";
import { defineModels, type UsersModels } from "./models.ts";

export default service({
  name: "users",
  version: 1,
  mixins: [store("users", defineModels), entities<UsersModels>("Profile"), rest("users", versions), operations()],
  actions: { me, changeUsername, changePassword, findUsers, listRoles, changeRole },
});
