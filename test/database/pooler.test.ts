import { expect, test } from "@jest/globals";
import { Database } from "postbox";
import { setup, startProxy } from "postbox/testing";

/** The head of the message in which a server tells the number of its process: a letter and its own length. */
const processNumber = Buffer.from([0x4b, 0, 0, 0, 12]);

/** Gives out another process number, as a pooler does. */
function renumber(bytes: Buffer): Buffer {
  const at = bytes.indexOf(processNumber);
  if (at >= 0) bytes.writeInt32BE(2_000_000_000, at + processNumber.length);
  return bytes;
}

test("behind a pooler, whose process numbers say nothing, a statement may be silent for long", async () => {
  await using stack = await setup();
  const { options } = stack.database("auth");
  await using pooler = await startProxy(options, { rewrite: renumber });
  const database = new Database({ ...options, port: pooler.port });
  try {
    const { rows } = await database.query({ text: "select pg_sleep(8), 1 as n" });
    expect(rows).toMatchObject([{ n: 1 }]);
  } finally {
    await database.close();
  }
});
