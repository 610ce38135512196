import { config, type EventData, PermanentError, unseal } from "postbox";
import { type LinkPurpose, linkContext } from "../../../libs/auth/links.ts";
import type { sendMail } from "../../../libs/emails/events.ts";
import { type Content, render } from "../templates/layout.ts";
import { passwordChanged } from "../templates/password-changed.ts";
import { reset } from "../templates/reset.ts";
import { verification } from "../templates/verification.ts";
import { variables } from "../variables.ts";

type MailData = EventData<typeof sendMail>;

/** Writes a mail: its subject, its HTML and its text. Nowhere else is the token of a link unsealed. */
export function compose(mail: MailData): { subject: string; html: string; text: string } {
  return render(content(mail));
}

function content(mail: MailData): Content {
  switch (mail.template) {
    case "verification":
      return verification(mail.username, `${publicUrl()}/auth/verification/email/${token(mail, "verification")}`);
    case "reset": {
      const code = token(mail, "reset");
      return reset(mail.username, `${publicUrl()}/auth/password/reset/${code}`, code);
    }
    case "password-changed":
      return passwordChanged(mail.username);
  }
}

function token({ sealed_token, user_id }: MailData, purpose: LinkPurpose): string {
  if (sealed_token === undefined) throw new PermanentError(`A mail for ${purpose} needs a link; the event has none.`);
  return unseal(sealed_token, linkContext(user_id, purpose));
}

function publicUrl(): string {
  const { PUBLIC_URL, PORT } = config(variables);
  return (PUBLIC_URL ?? `http://localhost:${PORT}`).replace(/\/+$/, "");
}
