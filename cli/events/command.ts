import { Command } from "commander";
import { withExamples } from "../examples.ts";
import { jsonOption } from "../list-flags.ts";
import type { CheckFlags } from "./check.ts";

/** `postbox events`: declares its verbs; each is imported when it runs. */
export function eventsCommand(): Command {
  return new Command("events")
    .description("Shows and checks the contracts of events.")
    .addCommand(
      withExamples(new Command("list"), ["postbox events list", "who publishes what, and who receives it"])
        .description("Show every event with its publisher, its receivers and what handles it.")
        .addOption(jsonOption())
        .action(async (flags: { json?: boolean }) => (await import("./list.ts")).list(flags)),
    )
    .addCommand(
      withExamples(new Command("check"), ["postbox events check", "fail if a change breaks what was released"])
        .description(
          "Hold the events against their released contracts, and name the drafts. Exit code 1 if a change breaks one.",
        )
        .addOption(jsonOption())
        .option("--released", "fail for drafts too, as before a release")
        .action(async (flags: CheckFlags) => (await import("./check.ts")).check(flags)),
    )
    .addCommand(
      withExamples(new Command("freeze"), ["postbox events freeze", "keep the contracts of new events and versions"])
        .description("Release the drafts: write their contracts to test/contracts, after which they do not change.")
        .action(async () => (await import("./freeze.ts")).freezeEvents()),
    )
    .addCommand(
      withExamples(new Command("asyncapi"), ["postbox events asyncapi > asyncapi.json"])
        .description("Print the AsyncAPI 3.1 document of all events, as JSON.")
        .action(async () => (await import("./asyncapi.ts")).asyncapi()),
    );
}
