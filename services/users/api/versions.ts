import type { Versions } from "postbox";

/** Which version `/users/...` is. */
export const versions: Versions = { latest: 1 };
