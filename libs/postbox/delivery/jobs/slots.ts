import { Cron } from "croner";
import type { Job, Schedule } from "./define-job.ts";

/** Slots of one job that begin at one tick, at most. */
export const maxSlots = 20;

/** Milliseconds after which a slot that no scheduler has begun counts as missed. */
const missedMs = 60_000;

/** The first slot of a schedule after a moment; null if there is none. */
export function nextSlot(schedule: Schedule, after: Date): Date | null {
  if ("at" in schedule) return schedule.at > after ? schedule.at : null;
  return new Cron(schedule.cron, { timezone: schedule.timeZone ?? "UTC", paused: true }).nextRun(after);
}

/** The latest slot of a schedule up to a moment; null if there is none. */
export function latestSlot(schedule: Schedule, upTo: Date): Date | null {
  if ("at" in schedule) return schedule.at <= upTo ? schedule.at : null;
  const cron = new Cron(schedule.cron, { timezone: schedule.timeZone ?? "UTC", paused: true });
  return cron.previousRuns(1, new Date(upTo.getTime() + 1))[0] ?? null;
}

/**
 * The slots from `first` up to `now` that the job's misfire policy lets run:
 *
 * - `all`: each of them, the oldest first, at most `maxSlots`. The others are still due at the next tick.
 * - `once`: the latest.
 * - `skip`: the latest, unless it was missed.
 *
 * @param first a slot that is due.
 */
export function slotsToRun({ schedule, misfire }: Pick<Job, "schedule" | "misfire">, first: Date, now: Date): Date[] {
  if (misfire === "all") {
    const slots: Date[] = [];
    for (let slot: Date | null = first; slot !== null && slot <= now && slots.length < maxSlots; ) {
      slots.push(slot);
      slot = nextSlot(schedule, slot);
    }
    return slots;
  }
  const latest = latestSlot(schedule, now) ?? first;
  const slot = latest > first ? latest : first;
  return misfire === "once" || now.getTime() - slot.getTime() <= missedMs ? [slot] : [];
}
