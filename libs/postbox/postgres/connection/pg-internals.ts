import type { Socket } from "node:net";
import type pg from "pg";

/** The version of `pg` whose source the functions here were checked against. */
export const pgVersion = "8.23.1";

/**
 * The socket under a client. `pg` replaces the socket while it connects with TLS, so read it again after `connect`.
 *
 * pg/lib/client.js: `this.connection`; pg/lib/connection.js: `this.stream`.
 */
export function socketOf(client: pg.Client): Socket {
  return client.connection.stream as Socket;
}

/**
 * The server process behind a client, as `pg_backend_pid()` gives it; null before the client is connected.
 *
 * pg/lib/client.js: `this.processID`.
 */
export function backendPid(client: pg.Client): number | null {
  return (client as pg.Client & { readonly processID: number | null }).processID;
}

/**
 * The number of statements of this client that wait for their answers, or to be sent.
 *
 * pg/lib/client.js: `_pulsePipelinedQueryQueue` moves a query from `_queryQueue` to `_sentQueryQueue` to `_activeQuery`.
 */
export function unansweredStatements(client: pg.Client): number {
  const { _activeQuery, _sentQueryQueue, _queryQueue } = client as pg.Client & {
    readonly _activeQuery: unknown;
    readonly _sentQueryQueue: readonly unknown[];
    readonly _queryQueue: readonly unknown[];
  };
  return (_activeQuery === null ? 0 : 1) + _sentQueryQueue.length + _queryQueue.length;
}

/**
 * Calls `listener` with each error that the server answers, before the query concerned gets the error. Call this before
 * `connect`, which adds the client's own listener.
 *
 * pg/lib/connection.js: `errorMessage`.
 */
export function onErrorMessage(client: pg.Client, listener: (error: pg.DatabaseError) => void): void {
  client.connection.on("errorMessage", listener);
}
