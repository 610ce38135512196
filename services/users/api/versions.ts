import type { Versions } from "../../../libs/http/versions.ts";

/** Which version `/users/...` is. */
export const versions: Versions = { latest: 1 };
