import { importFaults } from "./import-rules.ts";
import { importsOf } from "./imports.ts";

/** Holds the imports of the project against `import-rules.ts`, and says each fault with both of its ends. */
const folders = ["libs", "mixins", "services", "migrations", "cli", "scripts", "test"];
// A test beside what it tests takes the harness too.
const imports = importsOf(folders.map((folder) => `${folder}/**/*.ts`)).filter(
  ({ file }) => file.startsWith("test/") || !file.endsWith(".test.ts"),
);
const faults = importFaults(imports);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exitCode = 1;
}
