import { Argument, Command } from "commander";
import type { ServiceName } from "../../libs/config/services.ts";
import { jsonOption, limitOption } from "../list-flags.ts";
import { oneService, someServices } from "../service-argument.ts";
import type { Verb } from "./change.ts";

/** `postbox jobs`: declares its verbs; each is imported when it runs. */
export function jobsCommand(): Command {
  return new Command("jobs")
    .description("Shows scheduled jobs, runs them now, pauses and resumes them.")
    .addHelpText(
      "after",
      `
Examples:
  postbox jobs list                     every job, when it runs next and how it ended last
  postbox jobs runs auth retention      the latest runs of one job
  postbox jobs run auth retention       run it at the next tick of a scheduler
  postbox jobs pause auth retention`,
    )
    .addCommand(
      new Command("list")
        .description("List the jobs of services.")
        .addArgument(
          new Argument("[service]", "a service, or all").argParser(someServices).default(someServices("all"), "all"),
        )
        .addOption(jsonOption())
        .action(async (services: readonly ServiceName[], flags: { json: boolean }) =>
          (await import("./list.ts")).list(services, flags),
        ),
    )
    .addCommand(
      ofJob(new Command("runs"))
        .description("List the latest runs of a job, newest first.")
        .addOption(limitOption())
        .addOption(jsonOption())
        .action(async (service: ServiceName, job: string, flags: { limit: number; json: boolean }) =>
          (await import("./runs.ts")).runs(service, job, flags),
        ),
    )
    .addCommand(changing("run", "Run a job at the next tick of a scheduler."))
    .addCommand(changing("pause", "Let no further run of a job begin."))
    .addCommand(changing("resume", "Let a paused job run again."));
}

function changing(verb: Verb, description: string): Command {
  return ofJob(new Command(verb))
    .description(description)
    .action(async (service: ServiceName, job: string) => (await import("./change.ts")).change(verb, service, job));
}

function ofJob(command: Command): Command {
  return command
    .addArgument(new Argument("<service>", "the service that declares it").argParser(oneService))
    .argument("<job>", "its name");
}
