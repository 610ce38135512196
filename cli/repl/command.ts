import { Command } from "commander";
import { exampleServices } from "../example-services.ts";
import { withExamples } from "../examples.ts";

/** `postbox repl`: declares it; what it works with is imported when it runs. `program` makes the whole command line anew. */
export function replCommand(program: () => Command): Command {
  const { publisher } = exampleServices();
  return withExamples(new Command("repl"), ["postbox repl"])
    .description("Opens Moleculer's REPL on a node that joins the running services; starts them if none run.")
    .addHelpText(
      "after",
      `
Beside Moleculer's own commands it has outbox, inbox, dead, replay, skip and jobs, as this command line does:
  mol $ call v1.${publisher}.health
  mol $ dead list
  mol $ dead help replay
  mol $ replay ${publisher} --event ${publisher}.add.draft
  mol $ quit`,
    )
    .action(async () => (await import("./open.ts")).open(program));
}
