import { Argument, Command, Option } from "commander";
import type { ServiceName } from "../../libs/config/services.ts";
import { eventId, jsonOption, limitOption } from "../list-flags.ts";
import { oneService, someServices } from "../service-argument.ts";
import type { ListFlags } from "./list.ts";

const statuses = ["processed", "skipped", "failed", "parked", "held", "dead"];

/** `postbox inbox`: declares its verbs; each is imported when it runs. */
export function inboxCommand(): Command {
  return new Command("inbox")
    .description("Shows what services have received.")
    .addHelpText(
      "after",
      `
Examples:
  postbox inbox list                          all that is not done, of every service
  postbox inbox list users --status failed --json
  postbox inbox show users 01975a2e-…          one event with its payload`,
    )
    .addCommand(
      new Command("list")
        .description("List events, newest first; without --status those that are not done.")
        .addArgument(
          new Argument("[service]", "a service, or all").argParser(someServices).default(someServices("all"), "all"),
        )
        .addOption(new Option("--status <status>", "only these").choices(statuses))
        .option("--event <type>", "only this event, e.g. auth.create.user")
        .option("--source <service>", "only what comes from this service")
        .option("--key <key>", "only this mailbox")
        .addOption(limitOption())
        .addOption(jsonOption())
        .action(async (services: readonly ServiceName[], flags: ListFlags) =>
          (await import("./list.ts")).list(services, flags),
        ),
    )
    .addCommand(
      new Command("show")
        .description("Show one event with all that is known of it.")
        .addArgument(new Argument("<service>", "the receiving service").argParser(oneService))
        .addArgument(new Argument("<id>", "the event's id").argParser(eventId))
        .addOption(jsonOption())
        .action(async (service: ServiceName, id: string, flags: { json: boolean }) =>
          (await import("./show.ts")).show(service, id, flags),
        ),
    );
}
