import { expect, test } from "@jest/globals";
import { defineJob } from "postbox";

const quarter = { cron: "*/15 * * * *" };

test("an ill-formed name, an invalid pattern and an unknown time zone are refused when the job is defined", () => {
  const define = (changes: object) => () =>
    defineJob({ name: "tidy", schedule: quarter, handler: async () => undefined, ...changes });
  expect(define({ name: "Tidy up" })).toThrow("a name has lowercase letters");
  expect(define({ schedule: { cron: "every day" } })).toThrow("is no schedule; write e.g.");
  expect(define({ schedule: { cron: "0 3 * * *", timeZone: "Berlin" } })).toThrow(
    "in time zone 'Berlin' is no schedule",
  );
  expect(define({})()).toMatchObject({ misfire: "once", overlap: "skip", persistent: false, maxAttempts: 10 });
});
