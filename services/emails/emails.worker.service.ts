import { service } from "postbox";
import { mailbox } from "postbox/mixins";
import { caughtMails } from "./caught/caught-mails.ts";
import { handlers } from "./events.ts";
import { localMail } from "./mails/local-mail.ts";
import { defineModels } from "./models.ts";

export default service({
  name: "emails.worker",
  mixins: [localMail, mailbox("emails", defineModels, handlers)],
  actions: { caughtMails },
});
