import { resendEvents } from "../../libs/postbox/delivery/operations/resend-events.ts";
import { actor, withServiceDatabase } from "../service-databases.ts";
import { printJson } from "../terminal/table.ts";

export interface ResendFlags {
  readonly target: string;
  readonly since: Date;
  readonly json?: boolean;
}

export async function resend(service: string, { target, since, json }: ResendFlags): Promise<void> {
  const events = await withServiceDatabase(service, (database) => resendEvents(database, { target, since }, actor()));
  if (json) return printJson({ service, target, since, events });
  console.log(`${events} ${events === 1 ? "event" : "events"} of ${service} sent to ${target} again.`);
}
