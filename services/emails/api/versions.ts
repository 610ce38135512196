import type { Versions } from "postbox";

/** Which version `/emails/...` is. */
export const versions: Versions = { latest: 1 };
