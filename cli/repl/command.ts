import { Command } from "commander";

/** `postbox repl`: declares it; what it works with is imported when it runs. */
export function replCommand(): Command {
  return new Command("repl")
    .description("Opens Moleculer's REPL on a node that joins the running services; starts them if none run.")
    .addHelpText(
      "after",
      `
Beside Moleculer's own commands it has outbox, inbox, dead, replay, skip and jobs, as this command line does.

Examples:
  postbox repl
  mol $ call v1.users.listRoles
  mol $ dead list
  mol $ replay auth --event auth.create.user
  mol $ quit`,
    )
    .action(async () => (await import("./open.ts")).open());
}
