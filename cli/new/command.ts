import { Command, Option } from "commander";
import { servicesWithWorker } from "../../libs/postbox/core/project/service-parts.ts";
import { notKnown } from "../../libs/postbox/core/spelling/near-miss.ts";
import { scaffoldAccess } from "../../libs/postbox/tools/scaffold/action-parts.ts";
import { fieldTypes } from "../../libs/postbox/tools/scaffold/field.ts";
import { exampleServices } from "../example-services.ts";
import { withExamples } from "../examples.ts";
import { UsageError } from "../run.ts";
import { oneService, serviceWithApi, serviceWithWorker } from "../service-argument.ts";
import type { ActionFlags, EventFlags } from "./make.ts";

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
        `postbox new action ${publisher} place-draft --rest "POST /drafts" --access gen`,
        "an action of its newest version",
      ])
        .description("Make an action of a service's newest version.")
        .addArgument(serviceWithApi())
        .argument("<name>", "lowercase words with - between")
        .option("--rest <method and path>", 'such as "POST /"; default: a GET of its name')
        .addOption(new Option("--access <who>", "who may call it").choices(scaffoldAccess).default("gen"))
        .action(async (name: string, action: string, flags: ActionFlags) =>
          (await import("./make.ts")).makeAction(name, action, flags),
        ),
    )
    .addCommand(
      withExamples(new Command("event"), [
        `postbox new event ${publisher} add.draft --to ${[...new Set([publisher, receiver])].join(",")} --field id:uuid --field note:string --key id`,
        "an event, and what handles it",
      ])
        .description("Make an event with a handler in each service that receives it.")
        .addArgument(serviceWithWorker())
        .argument("<name>", "verb and noun with a dot between")
        .requiredOption("--to <services>", "who receives it, with commas between (required)", receivers)
        .option("--field <name:type>", `of its payload: ${fieldTypes.join(", ")}; repeat it for more`, gather)
        .option("--key <field>", "events with one value of this field are handled in order")
        .action(async (name: string, event: string, flags: EventFlags) =>
          (await import("./make.ts")).makeEvent(name, event, flags),
        ),
    )
    .addCommand(
      withExamples(new Command("handler"), [
        `postbox new handler ${receiver} ${publisher}.create.user`,
        "have one more service handle an event",
      ])
        .description("Make a handler in one more service of an event that there is.")
        .addArgument(serviceWithWorker("the service that handles it"))
        .argument("<event>", "publisher, verb and noun with dots between")
        .action(async (name: string, event: string) => (await import("./make.ts")).makeHandler(name, event)),
    )
    .addCommand(
      withExamples(new Command("model"), [
        `postbox new model ${publisher} draft --field note:string --field amount:integer`,
        "a table, its model and its migration",
      ])
        .description("Make a model with its migration.")
        .addArgument(oneService("the service whose table it is"))
        .argument("<name>", "lowercase words with - between")
        .option("--field <name:type>", `of a row, beside its id: ${fieldTypes.join(", ")}; repeat it for more`, gather)
        .action(async (name: string, model: string, { field }: { readonly field?: readonly string[] }) =>
          (await import("./make.ts")).makeModel(name, model, field),
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
        "version 2 of its API, beside version 1",
      ])
        .description("Make the next version of a service's API.")
        .addArgument(serviceWithApi())
        .option("--latest", "let the path without a version lead to it at once")
        .action(async (name: string, { latest = false }: { readonly latest?: boolean }) =>
          (await import("./make.ts")).makeVersion(name, latest),
        ),
    );
}

function receivers(given: string): string[] {
  const names = [...new Set(given.split(",").map((name) => name.trim()))];
  const known = servicesWithWorker();
  for (const name of names)
    if (!known.includes(name)) throw new UsageError(notKnown(name, "a service that receives events", known));
  return names;
}

function gather(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
