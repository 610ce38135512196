import { expect, test } from "@jest/globals";
import { setup } from "postbox/testing";
import { withKeepalive } from "./keepalive.ts";

test("the transaction of a batch has an idle limit of its own", async () => {
  await using stack = await setup({ env: { TRANSACTION_IDLE_MS: "1000", ACK_WAIT_MS: "7000" } });
  const users = stack.database("users");
  const limit = async () =>
    (
      await users.query<{ limit: string }>({
        text: "select current_setting('idle_in_transaction_session_timeout') as limit",
      })
    ).rows[0]?.limit;
  expect(await users.transaction(limit)).toBe("1s");
  expect(await withKeepalive(users, limit)).toBe("7s");
  expect(await limit()).toBe("1s");
});
