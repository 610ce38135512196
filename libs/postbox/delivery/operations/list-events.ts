import type { Database } from "../../postgres/database.ts";
import { type Columns, columnList } from "../../postgres/transaction/columns.ts";
import { type Box, boxes } from "./box.ts";

/** Chooses the events that fit every given property. Without `status`: those that are not final. */
export interface EventFilter {
  readonly status?: string;
  readonly eventType?: string;
  /** The service at the other end. */
  readonly peer?: string;
  readonly key?: string;
}

/** The columns of a listed event that both tables have. The payload is shown one event at a time. */
interface ListedEvent {
  readonly id: string;
  readonly event_type: string;
  readonly key: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly next_attempt_at: Date | null;
  readonly error_message: string | null;
}

/** An event as it is listed, with the two columns that `boxes` names for its table. */
export interface EventRow extends ListedEvent {
  readonly target?: string;
  readonly created_at?: Date;
  readonly source?: string;
  readonly received_at?: Date;
}

const listedColumns: Columns<ListedEvent> = {
  id: "id",
  event_type: "event_type",
  key: "key",
  status: "status",
  attempts: "attempts",
  next_attempt_at: "next_attempt_at",
  error_message: "error_message",
};

/** The events that a service has published or received, newest first. */
export async function listEvents(
  database: Database,
  box: Box,
  filter: EventFilter,
  limit: number,
): Promise<EventRow[]> {
  const { peer, since } = boxes[box];
  const { rows } = await database.query<EventRow>({
    text: `select ${columnList(listedColumns)}, ${peer}, ${since} from event_${box}
      where case when $1::text is null then status not in ('processed', 'skipped') else status = $1 end
        and ($2::text is null or event_type = $2) and ($3::text is null or ${peer} = $3) and ($4::text is null or key = $4)
      order by id desc limit $5`,
    values: [filter.status, filter.eventType, filter.peer, filter.key, limit],
  });
  return rows;
}
