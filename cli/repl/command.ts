import { Command } from "commander";
import { exampleServices } from "../example-services.ts";
import { withExamples } from "../examples.ts";
import { withNotes } from "../notes.ts";

/** `postbox repl`: declares it; what it works with is imported when it runs. `program` makes the whole command line anew. */
export function replCommand(program: () => Command): Command {
  const { publisher } = exampleServices();
  const notes = `Beside Moleculer's own commands it has outbox, inbox, retry, dead, replay, skip, jobs and trace, as the command line:
  mol $ call v1.${publisher}.utils.version
  mol $ dead list
  mol $ dead help replay
  mol $ replay ${publisher} --event ${publisher}.add.draft
  mol $ quit`;
  return withNotes(withExamples(new Command("repl"), ["postbox repl"]), notes)
    .description("Opens Moleculer's REPL on a node that joins the running services; starts them if none run.")
    .action(async () => (await import("./open.ts")).open(program));
}
