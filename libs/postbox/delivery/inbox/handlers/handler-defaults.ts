import type { HandlerOptions } from "./handler.ts";

/** Milliseconds that one run of a handler may take. */
export const timeoutOf = ({ timeoutMs = 30_000 }: HandlerOptions): number => timeoutMs;

/** Failures after which an event of this handler is dead. */
export const maxAttemptsOf = ({ maxAttempts = 10 }: HandlerOptions): number => maxAttempts;
