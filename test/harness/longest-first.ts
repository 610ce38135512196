import { join } from "node:path";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";

/** The files that take longest, in a run of all: the longest first. */
export const longest: readonly string[] = [
  "migrations/round-trip",
  "cli/scaffold",
  "auth/guessing",
  "delivery/faults/broker",
  "gateway/faults",
  "cli/doctor",
  "delivery/faults/away",
  "delivery/faults/streams",
  "delivery/faults/crashes",
  "delivery/faults/storm",
  "delivery/semantics/interleavings",
  "delivery/faults/direct",
  "stack/start",
  "delivery/faults/links",
  "delivery/faults/possible-poison",
  "gateway/property",
];

const paths = longest.map((name) => join(projectRoot(), "test", `${name}.test.ts`));

/**
 * Puts the longest files before the others, so that none is begun when the other workers have nothing more to do. Jest
 * itself knows how long a file takes from its last run alone; in a new clone it goes by how much text there is.
 */
export function longestFirst<File extends { readonly path: string }>(files: readonly File[]): File[] {
  const place = ({ path }: File) => (paths.includes(path) ? paths.indexOf(path) : paths.length);
  return files.toSorted((one, other) => place(one) - place(other));
}
