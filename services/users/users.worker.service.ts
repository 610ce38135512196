import { service } from "../../libs/postbox/node/service/service.ts";
import { mailbox } from "../../mixins/mailbox.ts";
import { handlers } from "./events.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "users.worker",
  mixins: [mailbox("users", defineModels, handlers)],
});
