import type { Job } from "./define-job.ts";

/** A run whose lease this scheduler has. */
export interface ClaimedRun {
  /** UUID v7; the correlation id of all events that the run enqueues, at any attempt. */
  readonly id: string;
  readonly job: Job;
  readonly slot: Date;
  readonly attempt: number;
}
