import { expect, test } from "@jest/globals";
import { errorCode } from "postbox";
import { setup } from "postbox/testing";
import { LockedKeys } from "./locked-keys.ts";

const row = (key: string | null) => ({
  id: `${key}`,
  event_type: "example.noted",
  version: 1,
  target: "users",
  key,
  data: "{}",
  headers: "{}",
  payload_hash: "",
  available_at: null,
  bytes: 2,
});

test("a key is refused at once after a wait that was too long, until the one that tries it succeeds", async () => {
  await using stack = await setup();
  const auth = stack.database("auth");
  const keys = new LockedKeys();
  /** Numbers a row of each key in a transaction of its own. @returns `numbered`, or the code of the error. */
  const take = (...of: string[]) =>
    auth
      .transaction((tx) => keys.takeSequences(tx, of.map(row)), { lock_timeout: 100 })
      .then(
        () => "numbered",
        (error: unknown) => errorCode(error),
      );
  expect(await take("a", "b")).toBe("numbered");
  await auth.transaction(async (tx) => {
    await tx.query({ text: "select from outbox_mailbox where key = 'a' for update" });
    // Of two keys nobody can say which one is locked.
    expect(await auth.detached(() => take("a", "b"))).toBe("lock-timeout");
    expect(await auth.detached(() => take("b"))).toBe("numbered");
    expect(await auth.detached(() => take("a"))).toBe("lock-timeout");
    expect(await auth.detached(() => take("b"))).toBe("numbered");
  });
  // The lock is gone, but the key is not tried before its pause is over.
  expect(await take("a")).toBe("lock-timeout");
  expect(await take("b")).toBe("numbered");
  for (let answer = "lock-timeout"; answer !== "numbered"; answer = String(await take("a")));
  expect(await Promise.all([take("a"), take("a")])).toEqual(["numbered", "numbered"]);
});
