import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

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
  const weights = new Map(
    String(header ?? "")
      .toLowerCase()
      .split(",")
      .map(weighted),
  );
  const weight = (coding: string) => weights.get(coding) ?? weights.get("*") ?? 0;
  return offered
    .filter((coding) => weight(coding) > 0 && weight(coding) >= (weights.get("identity") ?? 0))
    .sort((a, b) => weight(b) - weight(a))[0];
}

/** `gzip;q=0.5`: a coding and its weight, 1 if it has none. */
function weighted(part: string): readonly [string, number] {
  const [coding = "", ...parameters] = part.split(";").map((text) => text.trim());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  return [coding, weight === undefined ? 1 : Number(weight.slice(2))];
}

export function compress(coding: Coding, body: Body): Promise<Buffer> {
  return codings[coding](body);
}
