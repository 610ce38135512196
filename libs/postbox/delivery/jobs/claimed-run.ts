import type { Job } from "./define-job.ts";

/** A run that this scheduler has claimed. */
export interface ClaimedRun {
  readonly id: string;
  readonly job: Job;
  readonly slot: Date;
  readonly attempt: number;
}
