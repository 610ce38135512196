import { Argument, Command, InvalidArgumentError } from "commander";
import type { ServiceName } from "../../libs/config/services.ts";
import { oneService, someServices } from "../service-argument.ts";
import type { MakeFlags } from "./make.ts";

type Services = readonly ServiceName[];

/** `postbox migrate`: declares its verbs; each is imported when it runs. */
export function migrateCommand(): Command {
  const service = () => new Argument("<service>", "the service whose models changed").argParser(oneService);
  const services = () =>
    new Argument("[service]", "a service, or all").argParser(someServices).default(someServices("all"), "all");
  return new Command("migrate")
    .description("Brings databases to what the models describe.")
    .addHelpText(
      "after",
      `
Examples:
  postbox migrate make users "Add a nickname"      write the migration for what changed in the models
  postbox migrate make users "Call it handle" --rename users.nickname:handle
  postbox migrate up                               bring every service's database up to date
  postbox migrate down users                       take the last migration of users back
  postbox migrate check                            fail if models and migrations differ`,
    )
    .addCommand(
      new Command("make")
        .description("Write the migration that leads from the migrations to the models.")
        .addArgument(service())
        .argument("<message>", "what the change is for; becomes the file's name")
        .option(
          "--rename <old:new>",
          "a column 'table.old:new' or a table 'old:new' that is renamed; repeat it for more",
          gather,
          [],
        )
        .option("--allow-loss", "write statements that lose data", false)
        .action(async (service: ServiceName, message: string, flags: MakeFlags) =>
          (await import("./make.ts")).make(service, message, flags),
        ),
    )
    .addCommand(
      new Command("up")
        .description("Apply all migrations that are pending; make databases that are missing.")
        .addArgument(services())
        .action(async (services: Services) => (await import("./up.ts")).up(services)),
    )
    .addCommand(
      new Command("down")
        .description("Take the last migrations of a service back.")
        .addArgument(service())
        .option("--steps <count>", "how many", positive, 1)
        .action(async (service: ServiceName, flags: { steps: number }) =>
          (await import("./down.ts")).down(service, flags),
        ),
    )
    .addCommand(
      new Command("status")
        .description("Show every migration and when it was applied. Exit code 1 if one is pending or was changed.")
        .addArgument(services())
        .option("--json", "print JSON", false)
        .action(async (services: Services, flags: { json: boolean }) =>
          (await import("./status.ts")).status(services, flags),
        ),
    )
    .addCommand(
      new Command("check")
        .description("Compare what the models describe with what the migrations build. Exit code 1 if they differ.")
        .addArgument(services())
        .option("--json", "print JSON", false)
        .action(async (services: Services, flags: { json: boolean }) =>
          (await import("./check.ts")).check(services, flags),
        ),
    );
}

function gather(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function positive(given: string): number {
  if (!/^[1-9]\d{0,3}$/.test(given)) throw new InvalidArgumentError("It must be a whole number from 1 to 9999.");
  return Number(given);
}
