import { Command } from "commander";
import { exampleServices } from "../example-services.ts";
import { type Example, withExamples } from "../examples.ts";
import { eventIdsArgument, jsonOption, limitOption } from "../list-flags.ts";
import { withNotes } from "../notes.ts";
import { oneService, peerOption, someServices } from "../service-argument.ts";
import type { ListFlags } from "./list.ts";
import type { ResolveFlags } from "./resolve.ts";

const notes = `A dead letter holds up the later events of its key until it is replayed or skipped. The dead letters of a service are
those that it has published and those that it could not handle. The publisher's operator_action records who replayed or
skipped one. The error with its stack frames is printed by postbox inbox show, and what belongs to the event by postbox
trace.`;

/** `postbox dead`: declares its verbs; each is imported when it runs. */
export function deadCommand(): Command {
  const { publisher, receiver } = exampleServices();
  return withNotes(new Command("dead"), notes)
    .description("Shows dead letters, sends them again or lets them go.")
    .addCommand(
      filtered(
        new Command("list"),
        ["postbox dead list", "those of every service"],
        [`postbox dead list ${receiver}`, "those that it has published or could not handle"],
      )
        .description("List dead letters, oldest first.")
        .addArgument(someServices())
        .addOption(limitOption())
        .addOption(jsonOption())
        .action(async (services: readonly string[], flags: ListFlags) =>
          (await import("./list.ts")).list(services, flags),
        ),
    )
    .addCommand(
      resolving(
        "replay",
        "Send dead letters again.",
        [`postbox dead replay ${publisher} 01975a2e-…`, "send one again"],
        [`postbox dead replay ${publisher} --event ${publisher}.add.draft`, "send all of one kind again"],
      ),
    )
    .addCommand(
      resolving("skip", "Let dead letters go: they are not handled, and their keys go on.", [
        `postbox dead skip ${publisher} --target ${receiver} --key 42`,
        "let those of one mailbox go",
      ]),
    );
}

function resolving(verb: "replay" | "skip", description: string, ...examples: readonly Example[]): Command {
  return filtered(new Command(verb), ...examples)
    .description(description)
    .addArgument(oneService("the service that has published or could not handle it"))
    .addArgument(eventIdsArgument())
    .option("--all", "every dead letter of the service")
    .addOption(jsonOption())
    .action(async (service: string, ids: readonly string[], flags: ResolveFlags) =>
      (await import("./resolve.ts")).resolve(verb, service, ids, flags),
    );
}

function filtered(command: Command, ...examples: readonly Example[]): Command {
  return withExamples(command, ...examples)
    .option("--event <type>", "only this event, e.g. orders.place.order")
    .addOption(peerOption("--target <service>", "only what was sent to this service"))
    .option("--key <key>", "only this mailbox");
}
