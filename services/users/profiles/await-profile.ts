import { setTimeout as delay } from "node:timers/promises";
import { PostboxError, type Queryable } from "postbox";
import type { PublicUser } from "../../../libs/auth/user.ts";
import { findProfile } from "./find-profile.ts";

/** Milliseconds to wait for a profile: much longer than an event takes, much shorter than a client waits. */
const patienceMs = 2_000;
const lookEveryMs = 25;

/**
 * The profile of a user who is known to exist. A user who has just registered may ask before the event has arrived.
 *
 * @throws PostboxError `profile-pending` when the news takes longer.
 */
export async function awaitProfile(db: Queryable, id: string): Promise<PublicUser> {
  for (const deadline = performance.now() + patienceMs; ; await delay(lookEveryMs)) {
    const profile = await findProfile(db, id);
    if (profile) return profile;
    if (performance.now() > deadline)
      throw new PostboxError("profile-pending", "This user is new here; try again in a second.", { retryAfter: 1 });
  }
}
