import { service } from "postbox";
import { operations, rest, store } from "postbox/mixins";
import { actions } from "./api/v1/actions.ts";
import { versions } from "./api/versions.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "emails",
  version: 1,
  mixins: [store("emails", defineModels), rest("emails", versions), operations()],
  actions,
});
