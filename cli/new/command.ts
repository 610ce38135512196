import { Command } from "commander";
import { servicesWithWorker } from "../../libs/postbox/core/project/service-parts.ts";
import { notKnown } from "../../libs/postbox/core/spelling/near-miss.ts";
import { exampleServices } from "../example-services.ts";
import { withExamples } from "../examples.ts";
import { UsageError } from "../run.ts";
import { oneService, serviceWithApi, serviceWithWorker } from "../service-argument.ts";

/** `postbox new`: declares its verbs; what makes the parts is imported when it runs. */
export function newCommand(): Command {
  const { publisher, receiver } = exampleServices();
  return new Command("new")
    .description("Makes the next part of the project, in its style and with a test.")
    .addCommand(
      withExamples(new Command("service"), [
        "postbox new service orders",
        "a service with API, worker, scheduler, database",
      ])
        .description("Make a service.")
        .argument("<name>", "lowercase letters and digits")
        .action(async (name: string) => (await import("./make.ts")).makeService(name)),
    )
    .addCommand(
      withExamples(new Command("action"), [
        `postbox new action ${publisher} list-drafts`,
        "an action of its newest version",
      ])
        .description("Make an action of a service's newest version.")
        .addArgument(serviceWithApi())
        .argument("<name>", "lowercase words with - between")
        .action(async (name: string, action: string) => (await import("./make.ts")).makeAction(name, action)),
    )
    .addCommand(
      withExamples(new Command("event"), [
        `postbox new event ${publisher} add.draft --to ${[...new Set([publisher, receiver])].join(",")}`,
        "an event, and what handles it",
      ])
        .description("Make an event with a handler in each service that receives it.")
        .addArgument(serviceWithWorker())
        .argument("<name>", "verb and noun with a dot between")
        .requiredOption("--to <services>", "who receives it, with commas between (required)", receivers)
        .action(async (name: string, event: string, { to }: { to: readonly string[] }) =>
          (await import("./make.ts")).makeEvent(name, event, to),
        ),
    )
    .addCommand(
      withExamples(new Command("job"), [`postbox new job ${publisher} purge-drafts`, "a job that runs every night"])
        .description("Make a scheduled job.")
        .addArgument(oneService("the service it belongs to"))
        .argument("<name>", "lowercase words with - between")
        .action(async (name: string, job: string) => (await import("./make.ts")).makeJob(name, job)),
    )
    .addCommand(
      withExamples(new Command("version"), [
        `postbox new version ${publisher}`,
        "version 2 of its API, which becomes the latest",
      ])
        .description("Make the next version of a service's API, and let it be the latest.")
        .addArgument(serviceWithApi())
        .action(async (name: string) => (await import("./make.ts")).makeVersion(name)),
    );
}

function receivers(given: string): string[] {
  const names = [...new Set(given.split(",").map((name) => name.trim()))];
  const known = servicesWithWorker();
  for (const name of names)
    if (!known.includes(name)) throw new UsageError(notKnown(name, "a service that receives events", known));
  return names;
}
