import type { Job } from "../../libs/jobs/define-job.ts";

export const jobs: readonly Job[] = [];
