import { Command } from "commander";
import { notKnown } from "../../libs/postbox/core/spelling/near-miss.ts";
import { withExamples } from "../examples.ts";
import { UsageError } from "../run.ts";
import { oneService, servicesWithWorker, serviceWithApi } from "../service-argument.ts";

/** `postbox new`: declares its verbs; what makes the parts is imported when it runs. */
export function newCommand(): Command {
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
      withExamples(new Command("action"), ["postbox new action users list-friends", "an action of its newest version"])
        .description("Make an action of a service's newest version.")
        .addArgument(serviceWithApi())
        .argument("<name>", "lowercase words with - between")
        .action(async (name: string, action: string) => (await import("./make.ts")).makeAction(name, action)),
    )
    .addCommand(
      withExamples(new Command("event"), [
        "postbox new event users add.friend --to emails,users",
        "an event, and what handles it",
      ])
        .description("Make an event with a handler in each service that receives it.")
        .addArgument(serviceWithApi())
        .argument("<name>", "verb and noun with a dot between")
        .requiredOption("--to <services>", "who receives it, with commas between (required)", receivers)
        .action(async (name: string, event: string, { to }: { to: readonly string[] }) =>
          (await import("./make.ts")).makeEvent(name, event, to),
        ),
    )
    .addCommand(
      withExamples(new Command("job"), ["postbox new job users purge-drafts", "a job that runs every night"])
        .description("Make a scheduled job.")
        .addArgument(oneService("the service it belongs to"))
        .argument("<name>", "lowercase words with - between")
        .action(async (name: string, job: string) => (await import("./make.ts")).makeJob(name, job)),
    )
    .addCommand(
      withExamples(new Command("version"), [
        "postbox new version users",
        "version 2 of its API, which becomes the latest",
      ])
        .description("Make the next version of a service's API, and let it be the latest.")
        .addArgument(serviceWithApi())
        .action(async (name: string) => (await import("./make.ts")).makeVersion(name)),
    );
}

function receivers(given: string): string[] {
  const names = [...new Set(given.split(",").map((name) => name.trim()))];
  for (const name of names)
    if (!servicesWithWorker.some((worker) => worker === name))
      throw new UsageError(notKnown(name, "a service that takes events", servicesWithWorker));
  return names;
}
