import { service } from "../../libs/moleculer/service.ts";
import { rest } from "../../mixins/rest.ts";
import { store } from "../../mixins/store.ts";
import { listRoles } from "./api/v1/list-roles.ts";
import { me } from "./api/v1/me.ts";
import { versions } from "./api/versions.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "users",
  version: 1,
  mixins: [store("users", defineModels), rest("users", versions)],
  actions: { me, listRoles },
});
