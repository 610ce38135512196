import { expect, test } from "@jest/globals";
import { until } from "postbox/testing";
import { balanced } from "../ledger.ts";
import { listeners, refuseListeners } from "../refuse-listeners.ts";
import { deployment } from "./deployment.ts";

test("a relay that is not let listen publishes by its sweep, and listens once it is let", async () => {
  await using run = await deployment();
  const { ledger, auth } = run;
  const { refused, lift } = await refuseListeners(auth);
  await Promise.all([run.startPublisher(), run.startWorker()]);
  await refused(3);
  await ledger.commitRange(1, 20, 5);
  await ledger.settled();
  await lift();
  const listens = async () =>
    (await auth.query({ text: `select ${listeners} and query = 'listen postbox_outbox' and state = 'idle'` })).rows;
  await until(async () => (await listens()).length === 1, { what: "it listens" });
  await ledger.commit([{ n: 21 }]);
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});
