import type { NatsConnection } from "nats";
import pg from "pg";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";

/** What every subject is measured on. */
export interface Ground {
  readonly config: Config;
  readonly nats: NatsConnection;
  /** Events of one measurement. */
  readonly events: number;
  /** Processed rows that stand in the tables before. Default 0. Postbox only. */
  readonly history?: number;
  /** Events of a thousand whose handler fails. Default 0. Postbox only. */
  readonly failingPerThousand?: number;
}

/** One way of doing the work: from an outbox (or queue) to an effect row and back. @returns events per second. */
export interface Subject {
  readonly subject: "postbox" | "raw" | "graphile-worker" | "graphile-worker-local-queue" | "pg-boss";
  readonly mode: "sequential" | "concurrent" | "set-based" | "keyed" | "simple" | "per-event";
  readonly run: (ground: Ground) => Promise<number>;
}

export interface Payload {
  readonly user: {
    readonly id: string;
    readonly username: string;
    readonly email: string;
    readonly role: string;
    readonly created_at: string;
  };
}

export function payload(): Payload {
  return {
    user: {
      id: crypto.randomUUID(),
      username: "alice",
      email: "a@b.c",
      role: "user",
      created_at: new Date().toISOString(),
    },
  };
}

export const effectTable = "create table effect (id uuid primary key, username text)";

/** Makes empty databases of these names, replacing what bore them. */
export async function freshDatabases(config: Config, ...names: string[]): Promise<void> {
  const admin = new pg.Client(serverOptions(config, "postgres"));
  await admin.connect();
  for (const name of names) {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name}`);
  }
  // What the measurement before this one has written must not be paid for by this one.
  await admin.query("checkpoint");
  await admin.end();
}

export function serverOptions(config: Config, database: string) {
  return {
    host: config.POSTGRES_HOST ?? "127.0.0.1",
    port: config.POSTGRES_PORT,
    user: config.POSTGRES_USER,
    password: config.POSTGRES_PASSWORD,
    database,
  };
}

/**
 * A pool without the rest of Postbox. `end` resolves before its connections are closed, and the server may end them
 * first; graphile-worker asks for listeners of the errors of new clients too.
 */
export function openPool(config: Config, database: string, settings: { max: number; pipeline?: boolean }): pg.Pool {
  const options: pg.PoolConfig = { ...serverOptions(config, database), ...settings };
  const pool = new pg.Pool(options);
  pool.on("error", () => undefined);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  return pool;
}

/** Runs `insert` for all events, a thousand at a time. */
export async function inThousands(events: number, insert: (count: number) => Promise<unknown>): Promise<void> {
  for (let done = 0; done < events; done += 1_000) await insert(Math.min(1_000, events - done));
}

export const rate = (events: number, ms: number): number => Math.round((events / ms) * 1_000);
