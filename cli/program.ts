import { Command } from "commander";
import { eventsCommand } from "./events/command.ts";
import { migrateCommand } from "./migrate/command.ts";

/** The whole command line. What a command works with is imported when it runs: `--help` must not wait for it. */
export function program(): Command {
  return new Command("postbox")
    .description("Works on a Postbox installation: its databases, its events, its jobs, its source.")
    .addCommand(migrateCommand())
    .addCommand(eventsCommand());
}
