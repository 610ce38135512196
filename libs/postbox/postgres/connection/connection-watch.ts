import type { Socket } from "node:net";
import pg from "pg";
import { backendPid } from "./pg-internals.ts";

/** Milliseconds between two checks of a connection. */
const checkIntervalMs = 1_000;

/** Milliseconds without a byte of an awaited answer, after which the server is asked what it is doing. */
const silenceMs = 4_000;

/** Added to `silenceMs` for each byte sent meanwhile, in milliseconds: a link of 5 kB/s is slow, not dead. */
const perByteMs = 0.2;

/** Checks in a row that must find the server idle: at a single one its answer may be on the way. */
const maxIdleChecks = 2;

/** What the watch needs of a connection. */
export interface WatchedConnection {
  /** How to reach the same server. */
  readonly options: pg.ClientConfig;
  readonly socket: Pick<Socket, "bytesRead" | "bytesWritten">;
  /** The server process of this connection. */
  readonly processId: number | null;
  /** Whether a statement has been sent that is not answered yet. */
  awaitsAnswer(): boolean;
  /** Called once, when the connection is found dead. */
  onDead(reason: Error): void;
}

/**
 * Watches for a dead connection: a firewall has forgotten it, or the peer has gone without closing it. TCP reports such
 * a connection after a quarter of an hour, and never where a middlebox answers the keepalives.
 *
 * A statement may take long, so silence alone proves nothing. After some silence the server is asked, on a second
 * connection, whether it works for this one. If it is idle, the answer or the statement was lost: the server process is
 * ended, which frees its locks, and the connection is dead. A server that cannot be asked is gone as well.
 *
 * A pooler gives out process ids of its own. Behind a pooler nobody can be asked, and a silent connection counts as busy.
 *
 * @returns a function that ends the watch.
 */
export function watchConnection(connection: WatchedConnection): () => void {
  const { socket } = connection;
  let read = socket.bytesRead;
  let written = socket.bytesWritten;
  let silentMs = 0;
  let idleChecks = 0;
  let asking = false;
  const reset = () => {
    read = socket.bytesRead;
    written = socket.bytesWritten;
    silentMs = 0;
    idleChecks = 0;
  };
  const isSilent = () => connection.awaitsAnswer() && socket.bytesRead === read;
  const check = async () => {
    if (asking) return;
    if (!isSilent()) return reset();
    silentMs += checkIntervalMs;
    if (silentMs < silenceMs + (socket.bytesWritten - written) * perByteMs) return;
    asking = true;
    idleChecks += 1;
    const state = await serverState(connection, { terminateIfIdle: idleChecks >= maxIdleChecks });
    asking = false;
    if (state === "busy" || !isSilent()) return reset();
    if (state === "gone" || idleChecks >= maxIdleChecks)
      connection.onDead(new Error(`Postgres has not answered for ${silentMs} ms and does not work on an answer.`));
  };
  const timer = setInterval(() => void check(), checkIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** What the server does for a connection. `gone`: the server cannot be reached. */
async function serverState(
  { options, processId }: WatchedConnection,
  { terminateIfIdle }: { terminateIfIdle: boolean },
): Promise<"busy" | "idle" | "gone"> {
  const second = new pg.Client({ ...options, connectionTimeoutMillis: silenceMs, query_timeout: silenceMs });
  // An `error` event without a listener ends the process. Whatever is under way rejects with the same error.
  second.on("error", () => undefined);
  try {
    await second.connect();
    // The second connection tells a pooler by its own process id, which is then not the server's.
    const { rows } = await second.query<{ busy: boolean }>({
      text: `with process as (
          select pid, state = 'active' and wait_event_type is distinct from 'Client' as busy
          from pg_stat_activity where pid = $1 and pg_backend_pid() = $3)
        select busy, case when $2 and not busy then pg_terminate_backend(pid) end from process
        union all select true, null where pg_backend_pid() is distinct from $3`,
      values: [processId, terminateIfIdle, backendPid(second)],
    });
    return rows.some(({ busy }) => busy) ? "busy" : "idle";
  } catch (error) {
    // An error of the database is an answer: the server starts, or has no connection to spare.
    return error instanceof pg.DatabaseError ? "busy" : "gone";
  } finally {
    // The end of a dead connection fails, and nothing depends on it.
    void second.end().catch(() => undefined);
  }
}
