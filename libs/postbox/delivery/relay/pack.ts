import { hash } from "node:crypto";
import type { PendingRow } from "../outbox/pending-row.ts";
import { writeEnvelope } from "../wire/envelope.ts";

/** Rows that travel in one broker message. */
export interface Pack {
  readonly subject: string;
  readonly target: string;
  readonly rows: readonly PendingRow[];
  /** JSON array of envelopes. */
  readonly body: string;
  /** The message id by which the broker recognises a duplicate. */
  readonly wireId: string;
}

export interface PackLimits {
  /** Events in a pack at most. */
  readonly events: number;
  /** Bytes of a pack's body at most. */
  readonly bytes: number;
}

/** Packs of this size are published at five times the rate of single events; larger packs gain nothing. */
export const packLimits: PackLimits = { events: 50, bytes: 256 * 1024 };

/** Bytes that a message needs beside its envelopes: headers with the wire id, and the brackets of the array. */
export const packHeaderBytes = 512;

/** Packs rows of one subject in their order. A row that is over the limit by itself becomes a pack of one. */
export function packRows(service: string, rows: readonly PendingRow[], limits: PackLimits = packLimits): Pack[] {
  const packs: Pack[] = [];
  for (const [subject, members] of Map.groupBy(rows, (row) => `${row.target}.${row.event_type}`)) {
    let open: { row: PendingRow; text: string }[] = [];
    let bytes = 0;
    const close = () => {
      const [first] = open;
      if (first === undefined) return;
      const packed = open.map(({ row }) => row);
      const body = `[${open.map(({ text }) => text).join(",")}]`;
      packs.push({ subject, target: first.row.target, rows: packed, body, wireId: wireId(packed) });
      open = [];
      bytes = 0;
    };
    for (const row of members) {
      const text = writeEnvelope(service, { ...row, occurred_at: isoTime(row.occurred_at) });
      const size = Buffer.byteLength(text) + 1;
      if (open.length >= limits.events || bytes + size > limits.bytes) close();
      open.push({ row, text });
      bytes += size;
    }
    close();
  }
  return packs;
}

/**
 * The wire id of a pack is a hash over the (id, send number) of all its rows.
 *
 * - It names all rows: after a crash before the mark, a pack may begin with the same row and hold others. By its first
 *   row alone, the broker would drop the new rows as duplicates.
 * - It names their send numbers: without them, the broker would drop a resend inside its duplicate window.
 */
function wireId(rows: readonly PendingRow[]): string {
  return hash("sha256", rows.map((row) => `${row.id}:${row.send_number}`).join(), "base64url");
}

/** A time in UTC as Postgres writes it (`2026-01-02 03:04:05.678+00`) in ISO 8601. */
function isoTime(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11).replace("+00", "Z")}`;
}
