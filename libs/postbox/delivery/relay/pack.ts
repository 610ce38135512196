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
  /** What the broker recognises a duplicate by. */
  readonly wireId: string;
}

export interface PackLimits {
  readonly events: number;
  readonly bytes: number;
}

/** 50 events a message and 256 kB reached five times the rate of one event a message; more gained nothing. */
export const packLimits: PackLimits = { events: 50, bytes: 256 * 1024 };

/** Bytes of a message's headers, with the wire id, and of the brackets around a pack. */
export const packHeaderBytes = 512;

/** Puts consecutive rows for one subject into packs. A row that is over the limit by itself is a pack of one. */
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
 * The wire id of a pack: a hash over its (id, send number) list. With the first row's id alone, a crash before the
 * mark and a different pack after it makes the broker drop new rows as duplicates; without the send number it would
 * drop a resend inside its window.
 */
function wireId(rows: readonly PendingRow[]): string {
  return hash("sha256", rows.map((row) => `${row.id}:${row.send_number}`).join(), "base64url");
}

/** Postgres' text form of a time in UTC (`2026-01-02 03:04:05.678+00`) as ISO 8601. */
function isoTime(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11).replace("+00", "Z")}`;
}
