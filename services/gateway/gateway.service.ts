import { service } from "postbox";
import { rest, store, web } from "postbox/mixins";
import { versions } from "./api/versions.ts";
import { defineModels } from "./models.ts";

/** The only service that clients reach. It makes routes of the actions that all services declare with `rest`. */
export default service({
  name: "gateway",
  version: 1,
  mixins: [store("gateway", defineModels), web, rest("gateway", versions)],
});
