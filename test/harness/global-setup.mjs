// Plain JavaScript: jest would turn a .ts file here into CommonJS, and with it all that it imports.
export { startRun as default } from "./start-run.ts";
