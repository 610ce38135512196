import type { Job } from "postbox";

/** None: expired counts of rate limits are deleted by later requests. */
export const jobs: readonly Job[] = [];
