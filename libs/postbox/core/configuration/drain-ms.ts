import type { Config } from "./read.ts";

/** Long enough for a load balancer that asks every two seconds and gives up after two failures. */
const deployedDrainMs = 5_000;

/** Milliseconds for which a gateway that stops still takes connections. In local nobody stands before it. */
export function drainMs({ ENVIRONMENT, DRAIN_MS }: Pick<Config, "ENVIRONMENT" | "DRAIN_MS">): number {
  return DRAIN_MS ?? (ENVIRONMENT === "local" ? 0 : deployedDrainMs);
}
