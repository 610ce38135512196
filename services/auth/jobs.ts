import { defineJob } from "postbox";
import { forgetExpired } from "./sessions/forget-expired.ts";

export const jobs = [
  defineJob({
    name: "forget-expired",
    schedule: { cron: "17 * * * *" },
    handler: ({ database, signal }) => forgetExpired(database, signal),
  }),
];
