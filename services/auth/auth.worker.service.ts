import { service } from "postbox";
import { mailbox } from "postbox/mixins";
import { handlers } from "./events.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "auth.worker",
  mixins: [mailbox("auth", defineModels, handlers)],
});
