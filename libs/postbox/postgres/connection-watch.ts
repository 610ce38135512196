import pg from "pg";

/** Milliseconds between two looks at a connection. */
const checkIntervalMs = 1_000;

/** Milliseconds without a byte from a server that owes an answer, after which it is asked what it is doing. */
const silenceMs = 4_000;

/** Added for each byte that was sent meanwhile, in milliseconds: a line of 5 kB/s is slow, not dead. */
const perByteMs = 0.2;

/** Looks in a row at which the server must be found idle: its answer may be under way at one. */
const maxDoubts = 2;

/** What is watched of a connection. */
export interface WatchedConnection {
  readonly options: pg.ClientConfig;
  readonly stream: { readonly bytesRead: number; readonly bytesWritten: number };
  /** Of the server's process. */
  readonly processID: number | null;
  /** Whether the server has been sent something that it has not answered. */
  owes(): boolean;
  /** Called once, when the line is found dead. */
  giveUp(reason: Error): void;
}

/**
 * Watches a connection for a line that goes nowhere: a firewall has forgotten it, or the peer is gone without a word.
 * TCP tells of it after a quarter of an hour if something was sent, and never if something between answers keepalives.
 *
 * A statement may take long, so silence proves nothing. The server is asked, on a connection of its own, whether it is
 * at work for this one; if it is idle there, its answer or the question was lost. Its process is ended, which frees
 * what it holds. A server that cannot be asked is gone as well. Behind a pooler, whose process numbers are its own, nobody can
 * be asked, and silence says nothing.
 *
 * @returns what ends the watch.
 */
export function watchConnection(line: WatchedConnection): () => void {
  const { stream } = line;
  let heard = stream.bytesRead;
  let sent = stream.bytesWritten;
  let silentMs = 0;
  let doubts = 0;
  let asking = false;
  const begin = () => {
    heard = stream.bytesRead;
    sent = stream.bytesWritten;
    silentMs = 0;
    doubts = 0;
  };
  const isSilent = () => line.owes() && stream.bytesRead === heard;
  const look = async () => {
    if (asking) return;
    if (!isSilent()) return begin();
    silentMs += checkIntervalMs;
    if (silentMs < silenceMs + (stream.bytesWritten - sent) * perByteMs) return;
    asking = true;
    doubts += 1;
    const state = await ask(line, doubts >= maxDoubts);
    asking = false;
    if (state === "busy" || !isSilent()) return begin();
    if (state === "gone" || doubts >= maxDoubts)
      line.giveUp(new Error(`Postgres owes an answer for ${silentMs} ms and is not at work for it.`));
  };
  const timer = setInterval(() => void look(), checkIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * What the server does for this connection. `gone`: it cannot be reached.
 *
 * @param end whether its process is to be ended if it is idle.
 */
async function ask({ options, processID }: WatchedConnection, end: boolean): Promise<"busy" | "idle" | "gone"> {
  const other = new pg.Client({ ...options, connectionTimeoutMillis: silenceMs, query_timeout: silenceMs });
  other.on("error", () => undefined);
  try {
    await other.connect();
    const own = (other as unknown as { processID: number | null }).processID;
    const { rows } = await other.query<{ busy: boolean }>({
      text: `with process as (
          select pid, state = 'active' and wait_event_type is distinct from 'Client' as busy
          from pg_stat_activity where pid = $1 and pg_backend_pid() = $3)
        select busy, case when $2 and not busy then pg_terminate_backend(pid) end from process
        union all select true, null where pg_backend_pid() is distinct from $3`,
      values: [processID, end, own],
    });
    return rows.some(({ busy }) => busy) ? "busy" : "idle";
  } catch (error) {
    // With a code of its own it has answered: it has no connection to spare, or starts.
    return error instanceof pg.DatabaseError ? "busy" : "gone";
  } finally {
    void other.end().catch(() => undefined);
  }
}
