import { stripVTControlCharacters } from "node:util";
import { spawn } from "@lydell/node-pty";
import { until } from "postbox/testing";

/** How a program in a terminal ended: its exit code, and all that it showed. */
export interface Shown {
  readonly code: number;
  readonly text: string;
}

/** Runs a program in a pseudo-terminal of its own and answers it when it has shown `question`. */
export async function inTerminal(
  words: readonly string[],
  given: {
    readonly env: NodeJS.ProcessEnv;
    /** Default: the working directory of the test. */
    readonly cwd?: string;
    readonly question: string;
    readonly answer: string;
  },
): Promise<Shown> {
  const terminal = spawn(process.execPath, [...words], {
    env: given.env,
    cwd: given.cwd ?? process.cwd(),
    cols: 100,
    rows: 40,
  });
  let text = "";
  let code: number | undefined;
  terminal.onData((data) => {
    text += stripVTControlCharacters(data);
  });
  terminal.onExit(({ exitCode }) => {
    code = exitCode;
  });
  try {
    await until(() => text.includes(given.question), { deadlineMs: 60_000, what: `'${given.question}' is shown` });
    // As a person types: each letter is seen, right behind the question, before the next is typed.
    for (const [index, letter] of [...given.answer].entries()) {
      const seen = `${given.question} ${given.answer.slice(0, index)}`;
      await until(() => text.includes(seen), { what: `'${seen}' is shown` });
      terminal.write(letter);
    }
    await until(() => code !== undefined, { deadlineMs: 60_000, what: "the program ends" });
  } catch (cause) {
    throw new Error(`The terminal shows:\n${text}`, { cause });
  } finally {
    if (code === undefined) terminal.kill("SIGKILL");
  }
  return { code: code ?? -1, text };
}
