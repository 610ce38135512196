import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** Bytes from which an answer is worth compressing. */
const leastBytes = 1_024;

const compress = promisify(gzip);

/** Whether an answer to this request is to be sent compressed. */
export function wantsGzip({ headers }: IncomingMessage, body: string): boolean {
  return (
    body.length >= leastBytes && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(headers["accept-encoding"] ?? ""))
  );
}

/** Compresses a body, off the main thread. */
export function gzipped(body: string): Promise<Buffer> {
  return compress(body);
}
