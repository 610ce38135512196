import { service } from "postbox";
import { scheduler } from "postbox/mixins";
import { jobs } from "./jobs.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "users.scheduler",
  mixins: [scheduler("users", defineModels, jobs)],
});
