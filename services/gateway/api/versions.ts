import type { Versions } from "postbox";

export const versions: Versions = { latest: 1 };
