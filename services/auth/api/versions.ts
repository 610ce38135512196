import type { Versions } from "postbox";

/** Which version `/auth/...` is. */
export const versions: Versions = { latest: 1 };
