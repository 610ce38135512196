import type { Versions } from "../../../libs/http/versions.ts";

/** Which version `/auth/...` is. */
export const versions: Versions = { latest: 1 };
