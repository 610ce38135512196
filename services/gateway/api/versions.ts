import type { Versions } from "../../../libs/postbox/edge/routes/versions.ts";

export const versions: Versions = { latest: 1 };
