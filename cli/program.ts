import { Command } from "commander";
import { deadCommand } from "./dead/command.ts";
import { doctorCommand } from "./doctor/command.ts";
import { eventsCommand } from "./events/command.ts";
import { inboxCommand } from "./inbox/command.ts";
import { jobsCommand } from "./jobs/command.ts";
import { migrateCommand } from "./migrate/command.ts";
import { newCommand } from "./new/command.ts";
import { outboxCommand } from "./outbox/command.ts";
import { replCommand } from "./repl/command.ts";

/** The whole command line. What a command works with is imported when it runs: `--help` must not wait for it. */
export function program(): Command {
  return new Command("postbox")
    .description("Works on a Postbox installation: its databases, its events, its jobs, its source.")
    .addHelpText("after", "\nExit codes: 0 done, 1 failed or found a fault, 2 the command line is not understood.")
    .addCommand(newCommand())
    .addCommand(migrateCommand())
    .addCommand(eventsCommand())
    .addCommand(outboxCommand())
    .addCommand(inboxCommand())
    .addCommand(deadCommand())
    .addCommand(jobsCommand())
    .addCommand(replCommand())
    .addCommand(doctorCommand());
}
