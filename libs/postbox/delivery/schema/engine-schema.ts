import * as v1 from "./v1.ts";
import * as v2 from "./v2.ts";
import * as v3 from "./v3.ts";
import * as v4 from "./v4.ts";

/** One version of the engine's tables: the statements from the version before to this one, and back. */
export interface EngineVersion {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** All versions in order. A shipped version is frozen; a change of the tables is a further version. */
export const engineVersions: readonly EngineVersion[] = [v1, v2, v3, v4];

/** The statements of all versions in order, which make the engine's present tables. */
export const engineStatements = (): readonly string[] => engineVersions.flatMap(({ up }) => up);
