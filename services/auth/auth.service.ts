import { service } from "../../libs/moleculer/service.ts";
import { rest } from "../../mixins/rest.ts";
import { store } from "../../mixins/store.ts";
import { login } from "./api/v1/login.ts";
import { register } from "./api/v1/register.ts";
import { versions } from "./api/versions.ts";
import { defineModels } from "./models.ts";
import { ensureRootUser } from "./root-user.ts";

export default service({
  name: "auth",
  version: 1,
  mixins: [store("auth", defineModels), rest("auth", versions)],
  actions: { register, login },
  started() {
    return ensureRootUser(this);
  },
});
