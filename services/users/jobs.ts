import type { Job } from "../../libs/postbox/delivery/jobs/define-job.ts";

export const jobs: readonly Job[] = [];
