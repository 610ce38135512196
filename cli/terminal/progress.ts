import ora from "ora";

/** Shows what is being done: a spinner in a terminal, a line each elsewhere. All of it goes to stderr. */
export interface Progress {
  info(message: string): void;
  warn(message: string): void;
}

/** Runs `work` with progress beside it, which is cleared when the work is over. */
export async function withProgress<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work({ info: console.error, warn: console.error });
  const spinner = ora({ text: title, discardStdin: false }).start();
  try {
    return await work({
      info: (message) => void Object.assign(spinner, { text: message }),
      warn: (message) => void spinner.warn(message).start(),
    });
  } finally {
    spinner.stop();
  }
}
