import { Command } from "commander";
import { withExamples } from "../examples.ts";
import { withNotes } from "../notes.ts";

/** `postbox dev`: declares it; what it works with is imported when it runs. */
export function devCommand(): Command {
  const notes = `Postgres, NATS, their data and every address stay. A saved file starts the services anew beside those that run;
these end in good order when the new ones are ready. A file that does not start leaves them running. A new folder in
services is taken up. Types are not checked here: run npm run check.`;
  return withNotes(
    withExamples(
      new Command("dev"),
      ["postbox dev", "start everything, and restart the services at each save"],
      ["postbox dev --yes", "apply new migrations without a question"],
    ),
    notes,
  )
    .description("Runs everything and restarts the services when a file is saved. Ctrl-C stops all of it.")
    .option("--yes", "apply migrations that wait without a question")
    .action(async (flags: { yes?: boolean }) => (await import("./dev.ts")).dev(flags));
}
