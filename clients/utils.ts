// Made of what several services declare alike by `npm run client`; do not edit.
import type { Send } from "./send.ts";

/** What services have below `/utils`. */
export interface Utils {
  /** Whether the service answers. */
  utilsHealth(): Promise<{ readonly status: "ok" }>;
  /** Which version this is. */
  utilsVersion(): Promise<{ readonly service: string; readonly version: string }>;
}

/** @param base path of the service: `/orders/v1`. */
export function utils(send: Send, base: string): Utils {
  return {
    utilsHealth: () => send("GET", `${base}/utils/health`, undefined),
    utilsVersion: () => send("GET", `${base}/utils/version`, undefined),
  };
}
