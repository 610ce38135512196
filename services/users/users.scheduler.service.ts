import { service } from "../../libs/postbox/node/service/service.ts";
import { scheduler } from "../../mixins/scheduler.ts";
import { jobs } from "./jobs.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "users.scheduler",
  mixins: [scheduler("users", defineModels, jobs)],
});
