import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy on the loopback address, between one process and a server, that fails as networks do. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** From now on nothing passes, in either direction, on any connection; none is closed. */
  hold(): void;
  /** All passes again, also what was held. */
  flow(): void;
  /** Closes all connections that are open now. */
  cut(): void;
  /**
   * The next time a client sends `text`, the server gets it, its answer is lost, and that connection is closed.
   * Settles when that has happened.
   */
  loseAnswerTo(text: string): Promise<void>;
}

export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  const open = new Set<readonly [Socket, Socket]>();
  let held = false;
  let losing: { readonly text: string; readonly lost: () => void } | undefined;

  const server = createServer((client) => {
    const upstream = connect(target);
    const pair = [client, upstream] as const;
    open.add(pair);
    const close = () => {
      open.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.once("close", close).on("error", close);
    let lost: (() => void) | undefined;
    client.on("data", (bytes) => {
      if (losing !== undefined && bytes.includes(losing.text)) {
        lost = losing.lost;
        losing = undefined;
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (lost === undefined) client.write(bytes);
      else {
        close();
        lost();
      }
    });
    if (held) for (const socket of pair) socket.pause();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const each = (act: (socket: Socket) => void) => {
    for (const pair of [...open]) for (const socket of pair) act(socket);
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
