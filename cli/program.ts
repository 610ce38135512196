import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { projectRoot } from "../libs/postbox/core/project/project-root.ts";
import { boxCommand } from "./box/command.ts";
import { deadCommand } from "./dead/command.ts";
import { devCommand } from "./dev/command.ts";
import { doctorCommand } from "./doctor/command.ts";
import { eventsCommand } from "./events/command.ts";
import { exampleServices } from "./example-services.ts";
import { examplesText, withExamples } from "./examples.ts";
import { jobsCommand } from "./jobs/command.ts";
import { migrateCommand } from "./migrate/command.ts";
import { newCommand } from "./new/command.ts";
import { replCommand } from "./repl/command.ts";
import { every, exitCodesText } from "./run.ts";
import { traceCommand } from "./trace/command.ts";

/** The whole command line. What a command works with is imported when it runs: `--help` must not wait for it. */
export function program(): Command {
  const { publisher } = exampleServices();
  const postbox = withExamples(
    new Command("postbox"),
    ["postbox doctor", "see whether all is well, and what to do where it isn't"],
    ["postbox new service orders", "make a service"],
    [`postbox migrate make ${publisher} "Add a note"`, "write the migration for what changed in the models"],
    ["postbox dead list", "see what could not be handled"],
    ["postbox dead --help", "see what else there is to do with it"],
  )
    .version(version(), "-v, --version", "print the version")
    .description("Works on a Postbox installation: its databases, its events, its jobs, its source.")
    .addCommand(devCommand())
    .addCommand(newCommand())
    .addCommand(migrateCommand())
    .addCommand(eventsCommand())
    .addCommand(boxCommand("outbox"))
    .addCommand(boxCommand("inbox"))
    .addCommand(deadCommand())
    .addCommand(jobsCommand())
    .addCommand(traceCommand())
    .addCommand(replCommand(program))
    .addCommand(doctorCommand());
  every(postbox, (command) => command.addHelpText("after", () => `\n${exitCodesText}\n${examplesText(command)}`));
  return postbox;
}

function version(): string {
  return JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8")).version;
}
