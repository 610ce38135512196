import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { engineVersions } from "./engine-schema.ts";

/** SHA-256 over the statements of each shipped version, up and down. A new version adds a line; no line changes. */
const shipped = [
  "4f48c71fc65f071ae9c7d7048f2ee7b706ce710297ab08ed568920c09e849c4a",
  "282bf0694d9bfee8e34c3ca1f6835396628f2fdf49b59e75f6606129fd8bf673",
  "af2e5d9413c6442ef3960a52dbbeca6146d7623066a118fe8b3c30918fe3bc14",
  "e328a63c435ed9239474a1daaa440c3ed115294e9a2ea626b21d0287499c667e",
];

test("the statements of a shipped version never change", () => {
  const hashes = engineVersions.map(({ up, down }) =>
    createHash("sha256")
      .update(JSON.stringify([up, down]))
      .digest("hex"),
  );
  expect(hashes).toEqual(shipped);
});
