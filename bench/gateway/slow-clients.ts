import { once } from "node:events";
import { connect, type Socket } from "node:net";

/**
 * `node slow-clients.ts <url> <count>`: that many clients that never get done. Half of them are slow with their headers, half
 * with their bodies; each sends a byte a second, and comes again when it is cut off. Says when all are connected.
 */
const [, , address = "", count = "0"] = process.argv;
const { hostname, port, pathname } = new URL(address);

const halves = [
  `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nX-Slow: `,
  `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"`,
];
const byteMs = 1_000;

async function slowClient(n: number): Promise<void> {
  const socket: Socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(halves[n % halves.length] ?? "");
  const dribble = setInterval(() => socket.write("a"), byteMs);
  socket.on("error", () => undefined).resume();
  socket.once("close", () => {
    clearInterval(dribble);
    void slowClient(n);
  });
}

await Promise.all(Array.from({ length: Number(count) }, (_, n) => slowClient(n)));
process.send?.("connected");
