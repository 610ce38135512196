import type { Versions } from "postbox";

/** The versions of the API: `/users/...` is the latest one. */
export const versions: Versions = { latest: 1 };
