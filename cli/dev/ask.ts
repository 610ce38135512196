import { abortable } from "../../libs/postbox/tools/stack/wait/abortable.ts";
import { confirm } from "../terminal/confirm.ts";
import type { TerminalLog } from "./terminal-log.ts";

/** Asks in the terminal what takes yes or no; undefined where nobody sits in front of it. */
export function askInTerminal(
  log: TerminalLog,
  signal: AbortSignal,
): ((question: string) => Promise<boolean>) | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return (question) =>
    log.quietly(async () => {
      try {
        return await abortable(signal)(confirm(question));
      } catch {
        // While a question stands, Ctrl-C and Ctrl-D reach the question alone.
        process.kill(process.pid, "SIGINT");
        return false;
      }
    });
}
