import { service } from "../../libs/postbox/node/service/service.ts";
import { scheduler } from "../../mixins/scheduler.ts";
import { jobs } from "./jobs.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "gateway.scheduler",
  mixins: [scheduler("gateway", defineModels, jobs)],
});
