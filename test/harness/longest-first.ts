import { join } from "node:path";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";

/** The files that take longest in a run of all, the longest first: paths from the root, without `.test.ts`. */
export const longest: readonly string[] = [
  "libs/postbox/tools/migrations/revision/round-trip",
  "test/cli/scaffold",
  "test/auth/guessing",
  "test/delivery/faults/broker",
  "test/gateway/faults",
  "test/cli/doctor",
  "test/delivery/faults/away",
  "test/delivery/faults/streams",
  "test/delivery/faults/crashes",
  "test/delivery/faults/storm",
  "test/delivery/semantics/interleavings",
  "test/delivery/faults/direct",
  "test/stack/dev",
  "test/stack/start",
  "test/delivery/faults/links",
  "test/delivery/faults/possible-poison",
  "test/gateway/property",
];

const paths = longest.map((name) => join(projectRoot(), `${name}.test.ts`));

/**
 * Puts the longest files before the others, so that none is begun when the other workers have nothing more to do. Jest
 * itself knows how long a file takes from its last run alone; in a new clone it goes by how much text there is.
 */
export function longestFirst<File extends { readonly path: string }>(files: readonly File[]): File[] {
  const place = ({ path }: File) => (paths.includes(path) ? paths.indexOf(path) : paths.length);
  return files.toSorted((one, other) => place(one) - place(other));
}
