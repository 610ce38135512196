import { service } from "postbox";
import { rest, store, web } from "postbox/mixins";
import { versions } from "./api/versions.ts";
import { defineModels } from "./models.ts";

/** The one service that the outside reaches: it makes routes of what the others declare. */
export default service({
  name: "gateway",
  version: 1,
  mixins: [store("gateway", defineModels), web, rest("gateway", versions)],
});
