import { Command } from "commander";
import { exampleServices } from "../example-services.ts";
import { type Example, withExamples } from "../examples.ts";
import { jsonOption, limitOption } from "../list-flags.ts";
import { oneService, someServices } from "../service-argument.ts";
import type { Verb } from "./change.ts";

/** `postbox jobs`: declares its verbs; each is imported when it runs. */
export function jobsCommand(): Command {
  const { publisher } = exampleServices();
  return new Command("jobs")
    .description("Shows scheduled jobs, runs them now, pauses and resumes them.")
    .addCommand(
      withExamples(new Command("list"), ["postbox jobs list", "every job, when it runs next and how it ended last"])
        .description("List the jobs of services.")
        .addArgument(someServices())
        .addOption(jsonOption())
        .action(async (services: readonly string[], flags: { json?: boolean }) =>
          (await import("./list.ts")).list(services, flags),
        ),
    )
    .addCommand(
      ofJob("runs", [`postbox jobs runs ${publisher} retention`, "the latest runs of one job"])
        .description("List the latest runs of a job, newest first.")
        .addOption(limitOption())
        .addOption(jsonOption())
        .action(async (service: string, job: string, flags: { limit: number; json?: boolean }) =>
          (await import("./runs.ts")).runs(service, job, flags),
        ),
    )
    .addCommand(
      changing("run", "Run a job at the next tick of a scheduler.", [`postbox jobs run ${publisher} retention`]),
    )
    .addCommand(changing("pause", "Let no further run of a job begin.", [`postbox jobs pause ${publisher} retention`]))
    .addCommand(changing("resume", "Let a paused job run again.", [`postbox jobs resume ${publisher} retention`]));
}

function changing(verb: Verb, description: string, ...examples: readonly Example[]): Command {
  return ofJob(verb, ...examples)
    .description(description)
    .action(async (service: string, job: string) => (await import("./change.ts")).change(verb, service, job));
}

function ofJob(verb: string, ...examples: readonly Example[]): Command {
  return withExamples(new Command(verb), ...examples)
    .addArgument(oneService("the service that declares it"))
    .argument("<job>", "its name");
}
