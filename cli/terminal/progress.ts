import ora from "ora";
import { confirm } from "./confirm.ts";

/** Shows what is being done: a spinner in a terminal, a line each elsewhere. All of it goes to stderr. */
export interface Progress {
  info(message: string): void;
  warn(message: string): void;
  /** Asks what takes yes or no; absent where nobody sits in front of it. */
  readonly ask?: (question: string) => Promise<boolean>;
}

/** Runs `work` with progress beside it, which is cleared when the work is over. */
export async function withProgress<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T> {
  const { stdin, stderr } = process;
  const interactive = stdin.isTTY && stderr.isTTY;
  // A terminal that does not tell its width gets lines: a spinner would clear infinitely many for each of its own.
  if (!stderr.isTTY || stderr.columns === 0)
    return work({ info: console.error, warn: console.error, ...(interactive && { ask: confirm }) });
  const spinner = ora({ text: title, discardStdin: false }).start();
  /** The question stands alone: a spinner would write over it. */
  const ask = async (question: string) => {
    spinner.stop();
    const answer = await confirm(question);
    spinner.start();
    return answer;
  };
  try {
    return await work({
      info: (message) => void Object.assign(spinner, { text: message }),
      warn: (message) => void spinner.warn(message).start(),
      ...(interactive && { ask }),
    });
  } finally {
    spinner.stop();
  }
}
