import { reasonOf } from "../../libs/postbox/core/errors/reason.ts";

/** What one check found. */
export interface Finding {
  readonly check: string;
  /** `warning`: it works, but look at it. `fault`: something does not work. */
  readonly state: "ok" | "warning" | "fault";
  /** The fact and the value. */
  readonly found: string;
  /** What to do; only where there is something to do. */
  readonly remedy?: string;
}

export const ok = (check: string, found: string): Finding => ({ check, state: "ok", found });

export const warning = (check: string, found: string, remedy: string): Finding => ({
  check,
  state: "warning",
  found,
  remedy,
});

export const fault = (check: string, found: string, remedy: string): Finding => ({
  check,
  state: "fault",
  found,
  remedy,
});

/** Runs a check; what it throws becomes a fault. */
export async function finding(check: string, remedy: string, examine: () => Promise<Finding>): Promise<Finding> {
  try {
    return await examine();
  } catch (error) {
    return fault(check, reasonOf(error), remedy);
  }
}
