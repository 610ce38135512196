import { Command } from "commander";
import { withExamples } from "../examples.ts";
import { jsonOption } from "../list-flags.ts";
import { withNotes } from "../notes.ts";

const notes = `Examines Node, the configuration, the services on this machine and their ports. Of Postgres it examines the version,
connections, clock, migrations and schemas. Of delivery it examines what is stuck, jobs that fail or are overdue, and
NATS with its streams. Of the services it examines which parts no node runs.`;

/** `postbox doctor`: declares it; what it works with is imported when it runs. */
export function doctorCommand(): Command {
  return withNotes(withExamples(new Command("doctor"), ["postbox doctor"], ["postbox doctor --json"]), notes)
    .description("Checks the whole installation and says what to do. Exit code 1 if something does not work.")
    .addOption(jsonOption())
    .action(async (flags: { json?: boolean }) => (await import("./diagnose.ts")).diagnose(flags));
}
