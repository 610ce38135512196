// Made of the gateway service's OpenAPI document by `npm run client`; do not edit.
import type { Send } from "./send.ts";
import { type Utils, utils } from "./utils.ts";

/** Version 1 of the gateway service. */
export interface GatewayV1 extends Utils {}

export function gatewayV1(send: Send): GatewayV1 {
  return {
    ...utils(send, "/gateway/v1"),
  };
}
