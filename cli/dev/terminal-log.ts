import { styleText } from "node:util";
import type { Phase } from "../../libs/postbox/tools/dev/services-process.ts";

/** What the developer sees: lines of the services, and steps of the loop. */
export interface TerminalLog {
  /** A line that a process of services wrote. */
  service(line: string, phase: Phase): void;
  /** A step. */
  step(line: string): void;
  /** Runs `work` while all lines wait, so that they do not tear a question apart. */
  quietly<T>(work: () => Promise<T>): Promise<T>;
}

type Colour = Parameters<typeof styleText>[0];

const colours: Readonly<Record<string, Colour>> = {
  FATAL: "red",
  ERROR: "red",
  WARN: "yellow",
  INFO: "green",
  DEBUG: "gray",
  TRACE: "gray",
};

/** The head of Moleculer's lines: the time and the level. */
const head = /^(\[[^\]]+\] )(FATAL|ERROR|WARN|INFO|DEBUG|TRACE)\b/;

/** What a start beside a running process makes Moleculer say of the two. */
const beside = /\/REGISTRY: Node '.*' (dis)?connected|: Waiting for \d+ running context/;

/** Frames of a stack outside the project, and what Node writes of itself below an error. */
const foreign = /^\s+at .*(node:internal|\/node_modules\/)|^Node\.js v\d/;

/**
 * Writes lines to a stream: with colours where the stream shows them and `NO_COLOR` is not set, paths of the project
 * from its folder, and without what Moleculer says of every service at each start and stop. A warning that every start
 * gives is written once.
 */
export function terminalLog(root: string, stream: NodeJS.WriteStream): TerminalLog {
  let waiting: string[] | undefined;
  const warned = new Set<string>();
  // A terminal takes NO_COLOR and TERM into account when it is asked.
  const coloured = stream.isTTY && stream.hasColors();
  const paint = (format: Colour, text: string) =>
    coloured ? styleText(format, text, { validateStream: false }) : text;
  const write = (line: string) => {
    if (waiting) waiting.push(line);
    else stream.write(`${line}\n`);
  };
  const isRepeated = (line: string) => {
    const text = line.slice(line.indexOf(": "));
    if (warned.has(text)) return true;
    warned.add(text);
    return false;
  };
  return {
    service: (line, phase) => {
      const level = head.exec(line)?.[2];
      if ((level === "INFO" && phase !== "serving") || foreign.test(line) || beside.test(line)) return;
      if (level === "WARN" && phase === "starting" && isRepeated(line)) return;
      const own = line.replaceAll(`file://${root}/`, "").replaceAll(`${root}/`, "");
      write(own.replace(head, (_, time: string, name: string) => time + paint(colours[name] ?? "reset", name)));
    },
    step: (line) => write(paint("cyan", line)),
    quietly: async (work) => {
      waiting = [];
      try {
        return await work();
      } finally {
        const lines = waiting;
        waiting = undefined;
        for (const line of lines) write(line);
      }
    },
  };
}
