import { Command } from "commander";
import { withExamples } from "../examples.ts";
import { jsonOption } from "../list-flags.ts";
import { withNotes } from "../notes.ts";

const notes = `Checks Node, the configuration, and the services on this machine with their ports. Checks Postgres (version,
connections, clock), the migrations and schema of every database, and what is stuck in outboxes and inboxes. Checks
NATS with its streams and consumers.`;

/** `postbox doctor`: declares it; what it works with is imported when it runs. */
export function doctorCommand(): Command {
  return withNotes(withExamples(new Command("doctor"), ["postbox doctor"], ["postbox doctor --json"]), notes)
    .description("Checks the whole installation and says what to do. Exit code 1 if something does not work.")
    .addOption(jsonOption())
    .action(async (flags: { json?: boolean }) => (await import("./diagnose.ts")).diagnose(flags));
}
