import perfHooks from "node:perf_hooks";
import { TestEnvironment } from "jest-environment-node";

const { PerformanceObserver, monitorEventLoopDelay } = perfHooks;

/** Ends what the modules of the file that runs now observe of the process. */
const endings: (() => void)[] = [];

Object.assign(perfHooks, {
  PerformanceObserver: class extends PerformanceObserver {
    constructor(callback: ConstructorParameters<typeof PerformanceObserver>[0]) {
      super(callback);
      endings.push(() => this.disconnect());
    }
  },
  monitorEventLoopDelay: (...given: Parameters<typeof monitorEventLoopDelay>) => {
    const histogram = monitorEventLoopDelay(...given);
    endings.push(() => histogram.disable());
    return histogram;
  },
});

/**
 * Ends with a file what its modules observe for as long as their process lives, which prom-client does with garbage
 * collection and the event loop. Jest runs many files in one process, each with modules of its own: those of all files
 * would stay in memory, 15 MB and a timer a file, and in the end the process takes longer to exit than Jest waits for it.
 */
export default class extends TestEnvironment {
  override async teardown(): Promise<void> {
    await super.teardown();
    for (const end of endings.splice(0)) end();
  }
}
