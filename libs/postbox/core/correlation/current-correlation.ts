import { AsyncLocalStorage } from "node:async_hooks";

const store = new AsyncLocalStorage<string>();

/**
 * Runs `work` under a correlation id: the id of a request or of a job's run. Events that `work` enqueues carry the id as
 * header `correlation_id`, and so does all that they cause.
 */
export const withCorrelation = <T>(id: string, work: () => T): T => store.run(id, work);

/** The correlation id of the current asynchronous context; undefined outside a request or a run. */
export const currentCorrelation = (): string | undefined => store.getStore();
