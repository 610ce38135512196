import { reasonOf } from "../libs/postbox/core/errors/reason.ts";
import { loadProject } from "../libs/postbox/core/project/load-project.ts";
import { projectRoot } from "../libs/postbox/core/project/project-root.ts";
import { program } from "./program.ts";
import { exitCodes, run } from "./run.ts";

// Who reads no further, as in `postbox outbox list | head`, has seen enough: the work goes on to its end.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

try {
  projectRoot();
} catch (error) {
  console.error(`error: ${reasonOf(error)}`);
  process.exit(exitCodes.usage);
}
await loadProject();
const code = await run(program(), process.argv.slice(2));
const written = [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done)));
await Promise.all(written);
// Not left to the event loop: a connection that a frozen server neither takes nor refuses keeps the process for ever.
process.exit(code);
