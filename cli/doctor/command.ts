import { Command } from "commander";
import { jsonOption } from "../list-flags.ts";

/** `postbox doctor`: declares it; what it works with is imported when it runs. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Checks the whole installation and says what to do. Exit code 1 if something does not work.")
    .addHelpText(
      "after",
      `
Looks at Node, the configuration, Postgres (version, connections, clock), every database's migrations, what is stuck in
outboxes and inboxes, NATS, its streams and consumers.

Examples:
  postbox doctor
  postbox doctor --json`,
    )
    .addOption(jsonOption())
    .action(async (flags: { json: boolean }) => (await import("./diagnose.ts")).diagnose(flags));
}
