import * as v1 from "./v1.ts";
import * as v2 from "./v2.ts";
import * as v3 from "./v3.ts";
import * as v4 from "./v4.ts";

/** One version of the engine's tables: the statements that lead to it from the version before, and back. */
export interface EngineVersion {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** Every version, in order. What was shipped is frozen: a change is a further version. */
export const engineVersions: readonly EngineVersion[] = [v1, v2, v3, v4];

/** The statements of all versions, in order: the engine's tables as they are now. */
export const engineStatements = (): readonly string[] => engineVersions.flatMap(({ up }) => up);
