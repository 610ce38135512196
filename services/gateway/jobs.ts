import type { Job } from "../../libs/postbox/delivery/jobs/define-job.ts";

/** Limits leave by the requests that come after them. */
export const jobs: readonly Job[] = [];
