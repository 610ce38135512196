import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy on the loopback address, between one process and a server, that fails as networks do. */
export interface FaultyLink extends AsyncDisposable {
  readonly port: number;
  /** From now on nothing passes, in either direction, on any connection; none is closed. */
  hold(): void;
  /** All passes again, also what was held. */
  flow(): void;
  /** Closes all connections that are open now. */
  cut(): void;
  /**
   * The connections that are open now go nowhere from here on: what either end sends is swallowed, and an end that
   * closes is not told to the other, as when a firewall forgets a connection. New ones are whole.
   */
  halfOpen(): void;
  /** Whether the server's connection from this port of its client comes through here. */
  serves(port: number | undefined): boolean;
  /**
   * The next time a client sends `text`, the server gets it, its answer is lost, and that connection is closed.
   * Settles when that has happened.
   */
  loseAnswerTo(text: string): Promise<void>;
}

/** How a proxy's connections carry bytes. */
export interface Line {
  /** The port that the proxy listens on. Default: a free one. */
  readonly port?: number;
  /** Milliseconds that each byte is under way, in each direction. Default 0. */
  readonly latencyMs?: number;
  /** Bytes a second that pass in each direction of a connection. Default: as many as come. */
  readonly bytesPerSecond?: number;
  /** Changes what the server says. Default: nothing. */
  readonly rewrite?: (bytes: Buffer) => Buffer;
}

/** Two sockets, and whether they are still connected with one another. */
interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  broken: boolean;
}

/** Starts a TCP proxy before a server, to cut, slow down and rewrite its connections. */
export async function startProxy(target: { host: string; port: number }, line: Line = {}): Promise<FaultyLink> {
  const open = new Set<Link>();
  let held = false;
  let losing: { readonly text: string; readonly lost: () => void } | undefined;

  const server = createServer((client) => {
    const link: Link = { client, upstream: connect(target), broken: false };
    const { upstream } = link;
    open.add(link);
    const close = () => {
      if (link.broken) return;
      open.delete(link);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.once("close", close).on("error", close);
    const pass = (to: Socket) => {
      const send = carrier(line, (bytes) => to.write(bytes));
      return (bytes: Buffer) => {
        if (!link.broken) send(bytes);
      };
    };
    const up = pass(upstream);
    const down = pass(client);
    let lost: (() => void) | undefined;
    client.on("data", (bytes) => {
      if (losing !== undefined && bytes.includes(losing.text)) {
        lost = losing.lost;
        losing = undefined;
      }
      up(bytes);
    });
    upstream.on("data", (bytes) => {
      if (lost === undefined) down(line.rewrite?.(bytes) ?? bytes);
      else {
        close();
        lost();
      }
    });
    if (held) for (const socket of [client, upstream]) socket.pause();
  });
  server.listen(line.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const each = (act: (socket: Socket) => void) => {
    for (const { client, upstream } of [...open]) for (const socket of [client, upstream]) act(socket);
  };
  return {
    port,
    hold: () => {
      held = true;
      each((socket) => socket.pause());
    },
    flow: () => {
      held = false;
      each((socket) => socket.resume());
    },
    cut: () => each((socket) => socket.destroy()),
    halfOpen: () => {
      for (const link of open) link.broken = true;
    },
    serves: (from) => [...open].some(({ upstream }) => upstream.localPort === from),
    loseAnswerTo: (text) =>
      new Promise((lost) => {
        losing = { text, lost };
      }),
    [Symbol.asyncDispose]: async () => {
      each((socket) => socket.destroy());
      server.close();
      await once(server, "close");
    },
  };
}

/** Bytes that a slow line takes at once. */
const sliceBytes = 1_000;

/** Hands bytes on as the line allows, in their order. */
function carrier({ latencyMs = 0, bytesPerSecond }: Line, deliver: (bytes: Buffer) => void): (bytes: Buffer) => void {
  if (latencyMs === 0 && bytesPerSecond === undefined) return deliver;
  const underWay: { readonly bytes: Buffer; readonly at: number }[] = [];
  let freeAt = 0;
  const arrive = () => {
    for (let [head] = underWay; head !== undefined && head.at <= performance.now(); [head] = underWay) {
      underWay.shift();
      deliver(head.bytes);
    }
    const [head] = underWay;
    if (head !== undefined) setTimeout(arrive, Math.max(0, head.at - performance.now()));
  };
  return (bytes) => {
    const idle = underWay.length === 0;
    const size = bytesPerSecond === undefined ? bytes.length : sliceBytes;
    for (let from = 0; from < bytes.length; from += size) {
      const slice = bytes.subarray(from, from + size);
      freeAt = Math.max(freeAt, performance.now());
      if (bytesPerSecond !== undefined) freeAt += (slice.length / bytesPerSecond) * 1_000;
      underWay.push({ bytes: slice, at: freeAt + latencyMs });
    }
    if (idle) arrive();
  };
}
