// Made of the emails service's OpenAPI document by `npm run client`; do not edit.
import { type Operations, operations } from "./operations.ts";
import type { Send } from "./send.ts";
import { type Utils, utils } from "./utils.ts";

/** Version 1 of the emails service. */
export interface EmailsV1 extends Operations, Utils {
  /** The mails that were caught instead of sent, as a page or as JSON; in local only. */
  showCaught(): Promise<
    readonly {
      readonly message_id: string;
      readonly from: string;
      readonly to: string;
      readonly subject: string;
      readonly html: string;
      readonly text: string;
      readonly received_at: string;
    }[]
  >;
}

export function emailsV1(send: Send): EmailsV1 {
  return {
    ...operations(send, "/emails/v1"),
    ...utils(send, "/emails/v1"),
    showCaught: () => send("GET", "/emails/v1/caught", undefined),
  };
}
