import { Command } from "commander";
import { withExamples } from "../examples.ts";
import { jsonOption, sinceOption } from "../list-flags.ts";
import { withNotes } from "../notes.ts";
import type { TraceFlags } from "./trace.ts";

const notes = `Prints each event below the one that has caused it, with its state at its publisher and at its subscriber. An id that is
a UUID v7 tells when to search; for any other request id the last 24 hours are searched.`;

/** `postbox trace`: declares it; what it works with is imported when it runs. */
export function traceCommand(): Command {
  const command = withExamples(
    new Command("trace"),
    ["postbox trace 01975a2e-…", "all that belongs to an event, or to a request of that id"],
    ["postbox trace order-4711 --since 2026-01-31T14:30:00Z", "all that a request of that X-Request-ID has caused"],
  );
  return withNotes(command, notes)
    .description("Shows all that a request, a job's run or an event has caused, over all services.")
    .argument("<id>", "the id of an event, its correlation id, or the id of a request or of a job's run")
    .addOption(sinceOption("search all that was published since this moment"))
    .addOption(jsonOption())
    .action(async (id: string, flags: TraceFlags) => (await import("./trace.ts")).trace(id, flags));
}
