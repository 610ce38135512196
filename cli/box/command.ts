import { Command, Option } from "commander";
import { type Box, boxes } from "../../libs/postbox/delivery/operations/box.ts";
import { exampleServices } from "../example-services.ts";
import { withExamples } from "../examples.ts";
import { eventIdArgument, eventIdsArgument, jsonOption, limitOption, sinceOption } from "../list-flags.ts";
import { withNotes } from "../notes.ts";
import { oneService, peerOption, serviceOption, someServices } from "../service-argument.ts";
import type { ListFlags } from "./list.ts";
import type { ResendFlags } from "./resend.ts";
import type { RetryFlags } from "./retry.ts";

const words = {
  outbox: { done: "published", open: "settled", owner: "publishing", status: "dead", way: "goes to" },
  inbox: { done: "received", open: "done", owner: "receiving", status: "failed", way: "comes from" },
} as const;

const resendNotes = `The subscriber answers what it still knows and handles the rest, in order. What was first published over seven days ago
stays. The service's operator_action records who did it.`;

/** `postbox outbox` and `postbox inbox`: declares their verbs; each is imported when it runs. */
export function boxCommand(box: Box): Command {
  const { done, open, owner, status, way } = words[box];
  const { publisher, receiver } = exampleServices();
  const service = box === "outbox" ? publisher : receiver;
  const { peer, statuses } = boxes[box];
  const command = new Command(box)
    .description(`Shows what services have ${done}.`)
    .addCommand(
      withExamples(
        new Command("list"),
        [`postbox ${box} list`, `all that is not ${open}, of every service`],
        [`postbox ${box} list ${service} --status ${status} --json`],
      )
        .description(`List events, newest first; without --status those that are not ${open}.`)
        .addArgument(someServices())
        .addOption(new Option("--status <status>", "only these").choices(statuses))
        .option("--event <type>", "only this event, e.g. orders.place.order")
        .addOption(peerOption(`--${peer} <service>`, `only what ${way} this service`))
        .option("--key <key>", "only this mailbox")
        .addOption(limitOption())
        .addOption(jsonOption())
        .action(async (services: readonly string[], flags: ListFlags) =>
          (await import("./list.ts")).list(box, services, flags),
        ),
    )
    .addCommand(
      withExamples(new Command("show"), [
        `postbox ${box} show ${service} 01975a2e-…`,
        "one event with all that is known of it",
      ])
        .description("Show one event with all that is known of it.")
        .addArgument(oneService(`the ${owner} service`))
        .addArgument(eventIdArgument())
        .addOption(jsonOption())
        .action(async (owner: string, id: string, flags: { json?: boolean }) =>
          (await import("./show.ts")).show(box, owner, id, flags),
        ),
    );
  return command.addCommand(box === "outbox" ? resendCommand() : retryCommand());
}

function resendCommand(): Command {
  const { publisher, receiver } = exampleServices();
  const command = withExamples(new Command("resend"), [
    `postbox outbox resend ${publisher} --target ${receiver} --since 2026-01-31T14:30:00Z`,
    `the database of ${receiver} was restored as it was then`,
  ]);
  return withNotes(command, resendNotes)
    .description("Send a subscriber again what it answered since a moment: its database was restored, or lost commits.")
    .addArgument(oneService("the publishing service"))
    .addOption(serviceOption("--target <service>", "the subscriber (required)"))
    .addOption(
      sinceOption(
        "the moment up to which it knows everything; rather too early than too late (required)",
      ).makeOptionMandatory(),
    )
    .addOption(jsonOption())
    .action(async (service: string, flags: ResendFlags) => (await import("./resend.ts")).resend(service, flags));
}

const retryNotes = `Their attempts still count, and an event that runs right now is left alone. The service's operator_action records who
did it. A dead event is sent again by postbox dead replay.`;

function retryCommand(): Command {
  const { receiver } = exampleServices();
  const command = withExamples(
    new Command("retry"),
    [`postbox inbox retry ${receiver} --all`, "the cause is mended: try all again at once"],
    [`postbox inbox retry ${receiver} 01975a2e-…`],
  );
  return withNotes(command, retryNotes)
    .description("Try failed events again now instead of at the end of their backoff.")
    .addArgument(oneService("the receiving service"))
    .addArgument(eventIdsArgument())
    .option("--event <type>", "only this event, e.g. orders.place.order")
    .option("--key <key>", "only this mailbox")
    .option("--all", "every failed event of the service")
    .addOption(jsonOption())
    .action(async (service: string, ids: readonly string[], flags: RetryFlags) =>
      (await import("./retry.ts")).retry(service, ids, flags),
    );
}
