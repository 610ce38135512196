import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One answer, as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** The lines of its head, the status line first. */
  readonly head: readonly string[];
  readonly body: string;
}

/** Sends bytes as they are, and gives all that comes back until the other side closes. */
export async function exchange(port: number, ...sent: (string | Buffer)[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk)).on("error", () => undefined);
  for (const part of sent) socket.write(part);
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

/** The answers in what came back. Each has a Content-Length or no body. */
export function answersIn(text: string, isHead = false): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let left = text;
  while (left !== "") {
    const end = left.indexOf("\r\n\r\n");
    const head = left.slice(0, end).split("\r\n");
    const length = isHead ? 0 : Number(headerOf(head, "content-length")[0] ?? 0);
    answers.push({
      status: Number(head[0]?.split(" ")[1]),
      head,
      body: left.slice(end + 4, end + 4 + length),
    });
    left = left.slice(end + 4 + length);
  }
  return answers;
}

/** The values of a header, one for each line. */
export function headerOf(head: readonly string[], name: string): string[] {
  return head
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

/**
 * A client that sends a whole body before it reads, as many do, and then reads until the other side closes.
 *
 * @returns the status, undefined where the connection broke first.
 */
export async function upload(port: number, head: string, body: Iterable<Buffer>): Promise<number | undefined> {
  const socket: Socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.setEncoding("latin1");
  const closed = once(socket, "close").catch(() => undefined);
  socket.on("error", () => undefined).pause();
  socket.write(head);
  for (const chunk of body) {
    if (socket.destroyed) break;
    if (!socket.write(chunk)) await Promise.race([once(socket, "drain"), closed]).catch(() => undefined);
  }
  socket.on("data", (text: string) => {
    heard += text;
  });
  socket.resume();
  await closed;
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(heard)?.[1];
  return status === undefined ? undefined : Number(status);
}
