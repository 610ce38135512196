import type { Versions } from "../../../libs/http/versions.ts";

/** Which version `/emails/...` is. */
export const versions: Versions = { latest: 1 };
