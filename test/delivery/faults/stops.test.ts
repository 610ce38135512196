import { expect, test } from "@jest/globals";
import { until } from "postbox/testing";
import { balanced } from "../ledger.ts";
import { deployment, load, processed } from "./deployment.ts";

test("workers that stop at any moment under load, each followed by another, lose and double nothing", async () => {
  await using run = await deployment();
  const { ledger } = run;
  await run.startPublisher();
  run.resend();
  const events = load(ledger);
  let worker = await run.startWorker();
  for (const more of [50, 150, 250, 350]) {
    await until(async () => (await processed(run)) > more, { what: "events flow" });
    const [next] = await Promise.all([run.startWorker(), worker.stop()]);
    worker = next;
  }
  await events.stop();
  await ledger.settled();
  expect(await ledger.imbalance()).toEqual(balanced);
});
