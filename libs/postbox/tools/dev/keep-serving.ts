import type { Changes } from "./changes.ts";
import type { ServicesProcess } from "./services-process.ts";

export interface KeepServingOptions {
  /** Starts a process of services from the files as they are now. */
  readonly start: () => ServicesProcess;
  /** Runs before a start that changed paths have caused. */
  readonly prepare: (paths: readonly string[]) => Promise<void>;
  readonly changes: Changes;
  /** Hears a line for each step. */
  readonly report: (line: string) => void;
  /** Aborts the work: every process is stopped then. */
  readonly signal: AbortSignal;
}

/**
 * Keeps the services running from the newest files that start.
 *
 * One process serves. After a change another one starts beside it. When the new process is ready, it serves, and the old
 * one is stopped in good order: it ends its requests and the events that it has in hand, as in a rolling release. When
 * the new process ends instead, the old one goes on serving. A change during a start stops what is starting and starts
 * anew. A process that ends while it serves is not started again before the next change, because it would end again.
 */
export async function keepServing({ start, prepare, changes, report, signal }: KeepServingOptions): Promise<void> {
  const aborted = new Promise<void>((settle) => {
    if (signal.aborted) settle();
    signal.addEventListener("abort", () => settle());
  });
  const running = new Set<ServicesProcess>();
  let serving: ServicesProcess | undefined;

  const begin = () => {
    const process = start();
    running.add(process);
    process.ended.then((ending) => {
      running.delete(process);
      if (serving !== process || signal.aborted) return;
      serving = undefined;
      report(`The services ended by themselves, with ${ending}. They start again at the next save.`);
    });
    return process;
  };

  /** Starts a process, and lets it serve if it becomes ready. */
  const replace = async () => {
    const begun = performance.now();
    const next = begin();
    const outcome = await Promise.race([
      next.ready.then(() => "ready"),
      next.ended,
      changes.waiting().then(() => "changed"),
      aborted.then(() => "aborted"),
    ]);
    if (outcome === "ready") {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      report(`live ${serving ? "again " : ""}after ${seconds} s`);
      const last = serving;
      serving = next;
      last?.stop();
      return;
    }
    if (outcome === "changed" || outcome === "aborted") {
      await next.stop();
      return;
    }
    const before = serving ? "What ran before goes on." : "Nothing serves.";
    report(`The services did not start; they ended with ${outcome}. ${before} The next save starts them again.`);
  };

  try {
    while (!signal.aborted) {
      await replace();
      await Promise.race([changes.waiting(), aborted]);
      if (signal.aborted) break;
      const paths = changes.take();
      report(`changed: ${named(paths)}`);
      await prepare(paths);
    }
  } finally {
    serving = undefined;
    await Promise.all([...running].map((process) => process.stop()));
  }
}

const maxNamed = 3;

function named(paths: readonly string[]): string {
  const more = paths.length - maxNamed;
  return paths.slice(0, maxNamed).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
