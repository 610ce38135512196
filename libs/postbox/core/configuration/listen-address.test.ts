import { expect, test } from "@jest/globals";
import { ownUrl } from "./listen-address.ts";

test.each([
  [undefined, "http://127.0.0.1:3000"],
  ["0.0.0.0", "http://127.0.0.1:3000"],
  ["::", "http://127.0.0.1:3000"],
  ["10.1.2.3", "http://10.1.2.3:3000"],
  ["fd00::1", "http://[fd00::1]:3000"],
])("what listens on %s is reached by this machine as %s", (LISTEN_ADDRESS, url) => {
  expect(ownUrl({ ENVIRONMENT: "production", LISTEN_ADDRESS }, 3000)).toBe(url);
});
