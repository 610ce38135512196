import type { Versions } from "../../../libs/postbox/edge/routes/versions.ts";

/** Which version `/auth/...` is. */
export const versions: Versions = { latest: 1 };
