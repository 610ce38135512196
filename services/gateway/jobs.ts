import type { Job } from "../../libs/jobs/define-job.ts";

/** Limits leave by the requests that come after them. */
export const jobs: readonly Job[] = [];
