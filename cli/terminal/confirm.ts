import { once } from "node:events";
import { createInterface } from "node:readline/promises";

/** Asks a question in the terminal that takes yes or no; no answer, and the end of the input, is no. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), once(terminal, "close")]);
    return /^y(es)?$/i.test(String(answer).trim());
  } finally {
    terminal.close();
  }
}
