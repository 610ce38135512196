import type { IncomingMessage } from "node:http";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { originForm } from "./url.ts";

/** Characters of a target at most. RFC 9110, 4.1, asks a server for 8,000 at least. */
const maxTargetLength = 8_000;
/** Headers at most, as Apache takes them. */
const maxHeaders = 100;

/**
 * Checks what Node's parser lets through, and brings the target into origin form. Comparisons of short texts only: every
 * request passes here. Headers that are sent twice arrive joined by a comma.
 *
 * @throws PostboxError `malformed-request`, `uri-too-long`, `headers-too-large`, `expectation-failed`, `not-implemented`.
 */
export function checkForm(req: IncomingMessage): void {
  const { headers, rawHeaders, url = "" } = req;
  const isOld = req.httpVersionMinor === 0 && req.httpVersionMajor === 1;
  if (url.length > maxTargetLength)
    throw new PostboxError("uri-too-long", `The address has over ${maxTargetLength} characters; send less.`);
  if (rawHeaders.length > 2 * maxHeaders)
    throw new PostboxError("headers-too-large", `There are over ${maxHeaders} headers; send less.`);
  if (headers.host === undefined ? !isOld : headers.host.includes(","))
    throw new PostboxError("malformed-request", "A request needs one Host header, and has none or more.");
  const { expect, "transfer-encoding": coding } = headers;
  if (coding !== undefined) checkCoding(coding, isOld);
  if (expect !== undefined && expect.toLowerCase() !== "100-continue")
    throw new PostboxError("expectation-failed", "The only expectation that is met here is 100-continue.");
  if (url.startsWith("/")) return;
  const target = originForm(url);
  if (target === undefined)
    throw new PostboxError(
      "malformed-request",
      "The target must be a path, or a URL that begins with http:// or https://.",
    );
  req.url = target;
}

function checkCoding(coding: string, isOld: boolean): void {
  // Between here and a proxy that does not know the header, the end of the body could be two different ones.
  if (isOld) throw new PostboxError("malformed-request", "HTTP/1.0 has no Transfer-Encoding.");
  if (coding.toLowerCase() !== "chunked")
    throw new PostboxError("not-implemented", "The only transfer coding that is read here is chunked.");
}
