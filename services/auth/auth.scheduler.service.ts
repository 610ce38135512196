import { service } from "postbox";
import { scheduler } from "postbox/mixins";
import { jobs } from "./jobs.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "auth.scheduler",
  mixins: [scheduler("auth", defineModels, jobs)],
});
