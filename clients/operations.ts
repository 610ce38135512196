// Made of what several services declare alike by `npm run client`; do not edit.
import type { Send } from "./send.ts";

/** What services have below `/operations`. */
export interface Operations {
  /** An event that this service has published, and where it stands. */
  operationsEventsShow(request: { readonly path: { readonly id: string } }): Promise<{
    readonly id: string;
    readonly event_type: string;
    readonly target: string;
    readonly key: string | null;
    readonly attempts: number;
    readonly generation: number;
    readonly error_message: string | null;
    readonly created_at: string;
    readonly status: string;
    readonly version: number;
    readonly sequence: number | null;
    readonly send_number: number;
    readonly data: unknown;
    readonly headers: Readonly<Record<string, string>>;
    readonly published_at: string | null;
    readonly processed_at: string | null;
  }>;
  /** Events of this service that were given up, oldest first. */
  operationsDeadList(request?: {
    readonly query?: {
      readonly event_type?: string;
      readonly target?: string;
      readonly key?: string;
      readonly limit?: number;
      readonly offset?: number;
    };
  }): Promise<{
    readonly events: readonly {
      readonly id: string;
      readonly event_type: string;
      readonly target: string;
      readonly key: string | null;
      readonly attempts: number;
      readonly generation: number;
      readonly error_message: string | null;
      readonly created_at: string;
    }[];
  }>;
  /** Send dead letters again. */
  operationsDeadReplay(request: {
    readonly body: {
      readonly event_type?: string;
      readonly target?: string;
      readonly key?: string;
      readonly ids?: readonly string[];
      readonly all?: true;
    };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly ids: readonly string[] }>;
  /** Let dead letters go, so that their keys go on. */
  operationsDeadSkip(request: {
    readonly body: {
      readonly event_type?: string;
      readonly target?: string;
      readonly key?: string;
      readonly ids?: readonly string[];
      readonly all?: true;
    };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly ids: readonly string[] }>;
  /** The jobs of this service, each with its latest run. */
  operationsJobsList(): Promise<{
    readonly jobs: readonly {
      readonly name: string;
      readonly schedule: string | null;
      readonly time_zone: string;
      readonly state: string;
      readonly next_slot: string | null;
      readonly last_slot: string | null;
      readonly last_status: string | null;
      readonly error_message: string | null;
    }[];
  }>;
  /** Run a job now. */
  operationsJobsRun(request: {
    readonly path: { readonly name: string };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly message: string }>;
  /** Let no further run of a job begin. */
  operationsJobsPause(request: {
    readonly path: { readonly name: string };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly message: string }>;
  /** Let a paused job go on. */
  operationsJobsResume(request: {
    readonly path: { readonly name: string };
    readonly idempotencyKey?: string;
  }): Promise<{ readonly message: string }>;
}

/** @param base path of the service: `/orders/v1`. */
export function operations(send: Send, base: string): Operations {
  return {
    operationsEventsShow: (request) => send("GET", `${base}/operations/events/{id}`, request),
    operationsDeadList: (request) => send("GET", `${base}/operations/dead`, request),
    operationsDeadReplay: (request) => send("POST", `${base}/operations/dead/replay`, request),
    operationsDeadSkip: (request) => send("POST", `${base}/operations/dead/skip`, request),
    operationsJobsList: () => send("GET", `${base}/operations/jobs`, undefined),
    operationsJobsRun: (request) => send("POST", `${base}/operations/jobs/{name}/run`, request),
    operationsJobsPause: (request) => send("POST", `${base}/operations/jobs/{name}/pause`, request),
    operationsJobsResume: (request) => send("POST", `${base}/operations/jobs/{name}/resume`, request),
  };
}
