import type { Versions } from "../../../libs/http/versions.ts";

export const versions: Versions = { latest: 1 };
