import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { weightsOf } from "../requests/weights.ts";

/** Bytes from which on an answer is compressed. */
const minBytes = 1_024;

/** Brotli's quality, 0 to 11: 4 is as quick as gzip and smaller. The default, 11, is for files compressed once. */
const brotliQuality = 4;

type Body = string | Buffer;

/** The codings that can be had, computed off the main thread; the preferred one first. */
const codings = {
  br: (body: Body): Promise<Buffer> =>
    promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
  gzip: promisify<Body, Buffer>(gzip),
};
export type Coding = keyof typeof codings;

const offered: readonly Coding[] = ["br", "gzip"];

/** Whether an answer is large enough to be worth compressing. */
export const isLarge = (body: Body): boolean => body.length >= minBytes;

/** The coding that a client prefers by its `Accept-Encoding` (RFC 9110, 12.5.3). Undefined: none. */
export function codingFor(header: string | string[] | undefined): Coding | undefined {
  const weights = weightsOf(String(header ?? ""));
  const weight = (coding: string) => weights.get(coding) ?? weights.get("*") ?? 0;
  return offered
    .filter((coding) => weight(coding) > 0 && weight(coding) >= (weights.get("identity") ?? 0))
    .sort((a, b) => weight(b) - weight(a))[0];
}

export function compress(coding: Coding, body: Body): Promise<Buffer> {
  return codings[coding](body);
}
