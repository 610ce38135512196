import type { Job } from "../../libs/jobs/define-job.ts";

/** Limits and idempotency keys leave by the requests that come after them. */
export const jobs: readonly Job[] = [];
