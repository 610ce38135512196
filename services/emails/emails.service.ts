import { service } from "../../libs/postbox/node/service/service.ts";
import { operations } from "../../mixins/operations.ts";
import { rest } from "../../mixins/rest.ts";
import { store } from "../../mixins/store.ts";
import { actions } from "./api/v1/actions.ts";
import { versions } from "./api/versions.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "emails",
  version: 1,
  mixins: [store("emails", defineModels), rest("emails", versions), operations()],
  actions,
});
