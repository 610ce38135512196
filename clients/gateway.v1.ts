// Made of the gateway service's OpenAPI document by `npm run client`; do not edit.
import type { Send } from "./send.ts";

/** Version 1 of the gateway service. */
export interface GatewayV1 {
  /** Whether the service answers. */
  utilsHealth(): Promise<{ readonly status: "ok" }>;
  /** Which version this is. */
  utilsVersion(): Promise<{ readonly service: string; readonly version: string }>;
}

export function gatewayV1(send: Send): GatewayV1 {
  return {
    utilsHealth: () => send("GET", "/gateway/v1/utils/health", undefined),
    utilsVersion: () => send("GET", "/gateway/v1/utils/version", undefined),
  };
}
