import { Argument, Command, InvalidArgumentError } from "commander";
import type { ServiceName } from "../../libs/config/services.ts";
import { notKnown } from "../near-miss.ts";
import { oneService, servicesWithWorker } from "../service-argument.ts";

/** `postbox new`: declares its verbs; what makes the parts is imported when it runs. */
export function newCommand(): Command {
  const service = () => new Argument("<service>", "the service it belongs to").argParser(oneService);
  return new Command("new")
    .description("Makes the next part of the project, in its style and with a test.")
    .addHelpText(
      "after",
      `
Examples:
  postbox new service orders                          a service with API, worker, scheduler, database
  postbox new action orders list-orders               an action of its newest version
  postbox new event orders place.order --to emails,users
  postbox new job orders purge-drafts                 a job that runs every night
  postbox new version orders                          version 2 of its API, which becomes the latest`,
    )
    .addCommand(
      new Command("service")
        .description("Make a service.")
        .argument("<name>", "lowercase letters and digits")
        .action(async (name: string) => (await import("./make.ts")).makeService(name)),
    )
    .addCommand(
      new Command("version")
        .description("Make the next version of a service's API, and let it be the latest.")
        .addArgument(service())
        .action(async (name: ServiceName) => (await import("./make.ts")).makeVersion(name)),
    )
    .addCommand(
      new Command("event")
        .description("Make an event with a handler in each service that receives it.")
        .addArgument(service())
        .argument("<name>", "verb and noun with a dot between")
        .requiredOption("--to <services>", "who receives it, with commas between", receivers)
        .action(async (name: ServiceName, event: string, { to }: { to: readonly string[] }) =>
          (await import("./make.ts")).makeEvent(name, event, to),
        ),
    )
    .addCommand(
      new Command("job")
        .description("Make a scheduled job.")
        .addArgument(service())
        .argument("<name>", "lowercase words with - between")
        .action(async (name: ServiceName, job: string) => (await import("./make.ts")).makeJob(name, job)),
    )
    .addCommand(
      new Command("action")
        .description("Make an action of a service's newest version.")
        .addArgument(service())
        .argument("<name>", "lowercase words with - between")
        .action(async (name: ServiceName, action: string) => (await import("./make.ts")).makeAction(name, action)),
    );
}

function receivers(given: string): string[] {
  const names = [...new Set(given.split(","))];
  for (const name of names)
    if (!servicesWithWorker.some((worker) => worker === name))
      throw new InvalidArgumentError(notKnown(name, "a service that takes events", servicesWithWorker));
  return names;
}
