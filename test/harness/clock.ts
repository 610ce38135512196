import { until } from "../../libs/postbox/tools/stack/wait/until.ts";

const hourMs = 3_600_000;
/** More than a test of a few requests or statements takes. */
const spareMs = 20_000;

/** Waits, where an hour is about to end, for the next one: for tests whose windows or slots are those of the clock. */
export async function earlyEnoughInTheHour(): Promise<void> {
  await until(() => Date.now() % hourMs < hourMs - spareMs, { what: "the next hour has begun" });
}
