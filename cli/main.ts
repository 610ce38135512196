import { program } from "./program.ts";
import { run } from "./run.ts";

const code = await run(program(), process.argv.slice(2));
const written = [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done)));
await Promise.all(written);
// Not left to the event loop: a connection that a frozen server neither takes nor refuses keeps the process for ever.
process.exit(code);
