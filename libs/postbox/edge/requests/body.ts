import type { IncomingMessage } from "node:http";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { readPairs } from "../routes/encoding.ts";
import type { BodyKind } from "../routes/route.ts";
import type { Incoming } from "./incoming.ts";
import { readJson } from "./json.ts";

/** Bytes of a body at most. */
export const maxBodyBytes = 100 * 1024;

const mediaTypes = { json: "application/json", form: "application/x-www-form-urlencoded" } as const;

/** Whether a request has a body, by its headers. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/**
 * Reads a request's body; undefined if there is none.
 *
 * @throws PostboxError `payload-too-large`, `unsupported-media-type`, `malformed-request`.
 */
export async function readBody(req: Pick<Incoming, "proceed"> & IncomingMessage, kind: BodyKind): Promise<unknown> {
  if (!hasBody(req)) return undefined;
  if (Number(req.headers["content-length"] ?? 0) > maxBodyBytes) throw tooLarge();
  checkMediaType(req.headers, mediaTypes[kind]);
  req.proceed?.();
  const text = decodeUtf8(await readBytes(req));
  if (text === "") return undefined;
  return kind === "json" ? readJson(text) : readPairs(text);
}

async function readBytes(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > maxBodyBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof PostboxError) throw cause;
    throw new PostboxError("malformed-request", "The body ended before it was complete.", { cause });
  }
  return Buffer.concat(chunks, size);
}

function checkMediaType(headers: IncomingMessage["headers"], wanted: string): void {
  const [type = "", ...options] = (headers["content-type"] ?? "").toLowerCase().split(";");
  const charsets = options.map((option) => option.trim()).filter((option) => option.startsWith("charset="));
  const encoding = headers["content-encoding"] ?? "identity";
  if (type.trim() !== wanted || encoding !== "identity" || !charsets.every((charset) => utf8Name.test(charset)))
    throw new PostboxError("unsupported-media-type", `Send the body as ${wanted} in UTF-8, not compressed.`);
}

const utf8Name = /^charset="?utf-?8"?$/;

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decodeUtf8(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new PostboxError("malformed-request", "The body is not UTF-8.");
  }
}

function tooLarge(): PostboxError {
  return new PostboxError("payload-too-large", `The body is over ${maxBodyBytes} bytes; send less.`);
}
