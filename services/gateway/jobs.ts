import type { Job } from "postbox";

/** Limits leave by the requests that come after them. */
export const jobs: readonly Job[] = [];
