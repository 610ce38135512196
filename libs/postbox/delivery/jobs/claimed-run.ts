import type { Job } from "./define-job.ts";

/** A run whose lease this scheduler has. */
export interface ClaimedRun {
  readonly id: string;
  readonly job: Job;
  readonly slot: Date;
  readonly attempt: number;
}
