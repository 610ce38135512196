import { Argument, Command } from "commander";
import type { ServiceName } from "../../libs/config/services.ts";
import { eventIds, jsonOption, limitOption } from "../list-flags.ts";
import { oneService, someServices } from "../service-argument.ts";
import type { ListFlags } from "./list.ts";
import type { ResolveFlags } from "./resolve.ts";

/** `postbox dead`: declares its verbs; each is imported when it runs. */
export function deadCommand(): Command {
  return new Command("dead")
    .description("Shows dead letters, sends them again or lets them go.")
    .addHelpText(
      "after",
      `
A dead letter holds up the later events of its key until it is replayed or skipped. Both are written down in the
service's operator_action, with who did it.

Examples:
  postbox dead list                                   those of every service
  postbox dead replay auth 01975a2e-…                 send one again
  postbox dead replay auth --event auth.create.user   send all of one kind again
  postbox dead skip auth --target emails --key 42     let them go, so that their key goes on
  postbox outbox show auth 01975a2e-…                 look at one`,
    )
    .addCommand(
      filtered(new Command("list"))
        .description("List dead letters, oldest first.")
        .addArgument(
          new Argument("[service]", "a service, or all").argParser(someServices).default(someServices("all"), "all"),
        )
        .addOption(limitOption())
        .addOption(jsonOption())
        .action(async (services: readonly ServiceName[], flags: ListFlags) =>
          (await import("./list.ts")).list(services, flags),
        ),
    )
    .addCommand(resolving("replay", "Send dead letters again."))
    .addCommand(resolving("skip", "Let dead letters go: they are not handled, and their keys go on."));
}

function resolving(verb: "replay" | "skip", description: string): Command {
  return filtered(new Command(verb))
    .description(description)
    .addArgument(new Argument("<service>", "the publishing service").argParser(oneService))
    .addArgument(new Argument("[ids...]", "ids of events").argParser(eventIds).default([]))
    .option("--all", "every dead letter of the service", false)
    .addOption(jsonOption())
    .action(async (service: ServiceName, ids: readonly string[], flags: ResolveFlags) =>
      (await import("./resolve.ts")).resolve(verb, service, ids, flags),
    );
}

function filtered(command: Command): Command {
  return command
    .option("--event <type>", "only this event, e.g. auth.create.user")
    .option("--target <service>", "only what was sent to this service")
    .option("--key <key>", "only this mailbox");
}
