import type { IncomingMessage } from "node:http";

/** Bytes of a body that are read and dropped at most. */
const maxBytes = 64 * 1024 * 1024;
/** Milliseconds of silence after which the client is taken to have read its answer. */
const silenceMs = 2_000;

/**
 * Reads and drops the rest of a body that nobody wants, and calls `done` once: at its end, after 64 MB, or after two seconds
 * in which nothing came. The server's limit for a whole request ends it too.
 *
 * A connection must not close before: the kernel answers bytes that nobody has read with a reset, which makes the client
 * lose the answer that it has not read yet (RFC 9112, 9.6).
 */
export function discardBody(req: IncomingMessage, done: () => void): void {
  let left = maxBytes;
  const finish = () => {
    clearTimeout(silence);
    req.off("data", drop).off("end", finish).off("close", finish);
    done();
  };
  const silence = setTimeout(finish, silenceMs);
  const drop = (chunk: Buffer) => {
    left -= chunk.length;
    if (left > 0) silence.refresh();
    else finish();
  };
  req.on("data", drop).once("end", finish).once("close", finish).resume();
}
