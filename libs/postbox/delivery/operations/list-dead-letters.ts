import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";
import { type DeadLetterFilter, filterValues, fitsFilter } from "./dead-letter-filter.ts";

/** A dead letter as it is listed, without its payload. */
export interface DeadLetter {
  readonly id: string;
  readonly event_type: string;
  readonly target: string;
  readonly key: string | null;
  readonly attempts: number;
  readonly generation: number;
  readonly error_message: string | null;
  readonly created_at: Date;
}

const columns: Columns<DeadLetter> = {
  id: "id",
  event_type: "event_type",
  target: "target",
  key: "key",
  attempts: "attempts",
  generation: "generation",
  error_message: "error_message",
  created_at: "created_at",
};

/** The dead letters of a service's outbox, oldest first. */
export async function listDeadLetters(
  database: Database,
  filter: DeadLetterFilter = {},
  { limit = 100, offset = 0 }: { limit?: number; offset?: number } = {},
): Promise<DeadLetter[]> {
  const { rows } = await database.query<DeadLetter>({
    name: "dead-letters-list",
    text: `select ${columnList(columns)} from event_outbox
      where ${fitsFilter} order by position limit $5 offset $6`,
    values: [...filterValues(filter), limit, offset],
  });
  return rows;
}
