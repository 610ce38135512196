// Plain JavaScript: TypeScript takes this package's default export for an object that holds the class.
import TestSequencer from "@jest/test-sequencer";
import { longestFirst } from "./longest-first.ts";

export default class extends TestSequencer {
  sort(tests) {
    return longestFirst(super.sort(tests));
  }
}
