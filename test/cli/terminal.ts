import { stripVTControlCharacters } from "node:util";
import { spawn } from "@lydell/node-pty";
import { until } from "postbox/testing";

/** How a program in a terminal ended: its exit code, and all that it showed. */
export interface Shown {
  readonly code: number;
  readonly text: string;
}

export interface TerminalOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Default: the working directory of the test. */
  readonly cwd?: string;
}

/** A program in a pseudo-terminal of its own. */
export interface Terminal extends Disposable {
  readonly pid: number;
  /** All that was shown so far, without colours and movements of the cursor. */
  readonly text: string;
  /** The same as it was written. */
  readonly raw: string;
  /** Types; keys are control characters, e.g. `\t`, `\u0003` for Ctrl-C, `\u0004` for Ctrl-D. */
  type(keys: string): void;
  /** Waits until `expected` is shown, behind the first `from` characters of the text. */
  shows(expected: string, from?: number): Promise<void>;
  /** Types, and waits until `expected` is shown behind what stood there before. */
  answer(keys: string, expected: string): Promise<void>;
  /** Waits for the end of the program and gives its exit code. */
  ended(): Promise<number>;
}

/** Milliseconds to wait for a program to say something or to end: it may be a whole command line that starts. */
const deadlineMs = 60_000;

/** Runs a program under this Node, unless the first word is a path of another one. */
export function openTerminal(words: readonly string[], { env, cwd = process.cwd() }: TerminalOptions): Terminal {
  const [program = "", ...rest] = words[0]?.startsWith("/bin/") ? words : [process.execPath, ...words];
  const terminal = spawn(program, rest, { env, cwd, cols: 100, rows: 40 });
  let raw = "";
  let text = "";
  let code: number | undefined;
  terminal.onData((data) => {
    raw += data;
    text += stripVTControlCharacters(data);
  });
  terminal.onExit(({ exitCode }) => {
    code = exitCode;
  });
  const wait = (state: () => boolean, what: string) =>
    until(state, { deadlineMs, what }).catch((cause) => {
      throw new Error(`The terminal shows:\n${text}`, { cause });
    });
  const shows = async (expected: string, from = 0) => {
    await wait(() => text.includes(expected, from), `'${expected}' is shown`);
  };
  return {
    pid: terminal.pid,
    get text() {
      return text;
    },
    get raw() {
      return raw;
    },
    type: (keys) => terminal.write(keys),
    shows,
    answer: (keys, expected) => {
      const from = text.length;
      terminal.write(keys);
      return shows(expected, from);
    },
    ended: async () => {
      await wait(() => code !== undefined, "the program ends");
      return code ?? -1;
    },
    [Symbol.dispose]: () => {
      if (code === undefined) terminal.kill("SIGKILL");
    },
  };
}

/** Runs a program in a pseudo-terminal of its own and answers it when it has shown `question`. */
export async function inTerminal(
  words: readonly string[],
  { question, answer, ...options }: TerminalOptions & { readonly question: string; readonly answer: string },
): Promise<Shown> {
  using terminal = openTerminal(words, options);
  await terminal.shows(question);
  // As a person types: each letter is seen, right behind the question, before the next is typed.
  for (const [index, letter] of [...answer].entries()) {
    await terminal.shows(`${question} ${answer.slice(0, index)}`);
    terminal.type(letter);
  }
  return { code: await terminal.ended(), text: terminal.text };
}
