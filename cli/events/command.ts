import { Command } from "commander";

/** `postbox events`: declares its verbs; each is imported when it runs. */
export function eventsCommand(): Command {
  return new Command("events")
    .description("Shows and checks the contracts of events.")
    .addHelpText(
      "after",
      `
Examples:
  postbox events list                    who publishes what, and who receives it
  postbox events check                   fail if a change breaks what was released
  postbox events freeze                  keep the contracts of new events and versions
  postbox events asyncapi > asyncapi.json`,
    )
    .addCommand(
      new Command("list")
        .description("Show every event with its publisher, its receivers and what handles it.")
        .option("--json", "print JSON", false)
        .action(async (flags: { json: boolean }) => (await import("./list.ts")).list(flags)),
    )
    .addCommand(
      new Command("check")
        .description("Hold the events against their frozen contracts. Exit code 1 if a change breaks one.")
        .option("--json", "print JSON", false)
        .action(async (flags: { json: boolean }) => (await import("./check.ts")).check(flags)),
    )
    .addCommand(
      new Command("freeze")
        .description("Write the contracts that are not frozen yet to test/contracts.")
        .action(async () => (await import("./freeze.ts")).freezeEvents()),
    )
    .addCommand(
      new Command("asyncapi")
        .description("Print the AsyncAPI 3 document of all events, as JSON.")
        .action(async () => (await import("./asyncapi.ts")).asyncapi()),
    );
}
