import { Command } from "commander";
import { exampleServices } from "../example-services.ts";
import { withExamples } from "../examples.ts";
import { count, jsonOption } from "../list-flags.ts";
import { oneService, someServices } from "../service-argument.ts";
import type { MakeFlags } from "./make.ts";

type Services = readonly string[];

/** `postbox migrate`: declares its verbs; each is imported when it runs. */
export function migrateCommand(): Command {
  const { publisher } = exampleServices();
  return new Command("migrate")
    .description("Brings databases to what the models describe.")
    .addCommand(
      withExamples(
        new Command("make"),
        [`postbox migrate make ${publisher} "Add a note"`, "write the migration for what changed in the models"],
        [`postbox migrate make ${publisher} "Call it remark" --rename draft.note:remark`],
      )
        .description("Write the migration that leads from the migrations to the models.")
        .addArgument(oneService("the service whose models changed"))
        .argument("<message...>", "what the change is for; becomes the file's name")
        .option(
          "--rename <old:new>",
          "a column 'table.old:new' or a table 'old:new' that is renamed; repeat it for more",
          gather,
        )
        .option("--allow-loss", "write statements that lose data")
        .action(async (service: string, message: readonly string[], flags: MakeFlags) =>
          (await import("./make.ts")).make(service, message.join(" "), flags),
        ),
    )
    .addCommand(
      withExamples(
        new Command("up"),
        ["postbox migrate up", "bring every service's database up to date"],
        [`postbox migrate up ${publisher}`],
      )
        .description("Apply all migrations that are pending; make databases that are missing.")
        .addArgument(someServices())
        .action(async (services: Services) => (await import("./up.ts")).up(services)),
    )
    .addCommand(
      withExamples(
        new Command("down"),
        [`postbox migrate down ${publisher}`, "take its last migration back"],
        [`postbox migrate down ${publisher} --steps 2`],
      )
        .description("Take the last migrations of a service back.")
        .addArgument(oneService("the service whose database it is"))
        .option("--steps <count>", "how many", count("--steps", 9_999), 1)
        .action(async (service: string, flags: { steps: number }) => (await import("./down.ts")).down(service, flags)),
    )
    .addCommand(
      withExamples(new Command("status"), ["postbox migrate status", "what is applied, and when it was"])
        .description("Show every migration and when it was applied. Exit code 1 if one is pending or was changed.")
        .addArgument(someServices())
        .addOption(jsonOption())
        .action(async (services: Services, flags: { json?: boolean }) =>
          (await import("./status.ts")).status(services, flags),
        ),
    )
    .addCommand(
      withExamples(new Command("check"), ["postbox migrate check", "fail if models and migrations differ"])
        .description("Compare what the models describe with what the migrations build. Exit code 1 if they differ.")
        .addArgument(someServices())
        .addOption(jsonOption())
        .action(async (services: Services, flags: { json?: boolean }) =>
          (await import("./check.ts")).check(services, flags),
        ),
    )
    .addCommand(
      withExamples(new Command("freeze"), [
        "postbox migrate freeze",
        "before a release: keep its migrations as they are",
      ])
        .description("Record the migrations of a release, after which their files do not change.")
        .addArgument(someServices())
        .action(async (services: Services) => (await import("./freeze.ts")).freezeMigrations(services)),
    );
}

function gather(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
