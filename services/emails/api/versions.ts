import type { Versions } from "../../../libs/postbox/edge/routes/versions.ts";

/** Which version `/emails/...` is. */
export const versions: Versions = { latest: 1 };
