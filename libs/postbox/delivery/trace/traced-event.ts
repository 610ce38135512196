/** An event of a trace, as its publisher's outbox has it. */
export interface PublishedState {
  readonly id: string;
  readonly event_type: string;
  readonly target: string;
  readonly key: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly generation: number;
  readonly created_at: Date;
  readonly published_at: Date | null;
  readonly processed_at: Date | null;
  readonly error_message: string | null;
  readonly correlation_id: string | null;
  /** The event whose handler published this one; null for an event of a request or of a job. */
  readonly causation_id: string | null;
}

/** An event of a trace, as its subscriber's inbox has it. */
export interface ReceivedState {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly received_at: Date;
  readonly processed_at: Date | null;
  readonly next_attempt_at: Date | null;
  /** The error, with the handler's stack frames below its first line. */
  readonly error_message: string | null;
}

/** An event with the events that its handler has published. */
export interface TracedEvent extends PublishedState {
  /** The publisher. */
  readonly service: string;
  /** Null if the event has not come to its subscriber, or the subscriber is not of this project. */
  readonly received: Omit<ReceivedState, "id"> | null;
  readonly effects: readonly TracedEvent[];
}

/** A job's run that has caused events. */
export interface TracedRun {
  readonly service: string;
  readonly id: string;
  readonly job: string;
  readonly slot: Date;
  readonly status: string;
  readonly attempts: number;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly error_message: string | null;
}

/** All that one request, job's run or first event has caused. */
export interface Trace {
  readonly correlation_id: string;
  /** The job's run at the beginning; null if there was none. */
  readonly run: TracedRun | null;
  /** The events that no event of the trace has caused, the oldest first. */
  readonly events: readonly TracedEvent[];
  /** Whether there are more events than a trace takes. */
  readonly truncated: boolean;
}
