import perfHooks from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { TestEnvironment } from "jest-environment-node";

// V8 keeps what it has compiled in case it meets the same text again. It never takes it, because Jest gives each file's
// modules a context of their own: so that is kept for all files, 15 MB each.
setFlagsFromString("--no-compilation-cache");
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

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
 * collection and the event loop, and takes its memory back. Jest runs many files in one process, each with modules of its
 * own: those of all files would stay, with a timer each, and in the end the process takes longer to exit than the half
 * second that Jest waits for it.
 */
export default class extends TestEnvironment {
  override async teardown(): Promise<void> {
    await super.teardown();
    for (const end of endings.splice(0)) end();
    collectGarbage();
  }
}
