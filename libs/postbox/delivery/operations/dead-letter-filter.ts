/** Chooses the dead letters that fit every given property. */
export interface DeadLetterFilter {
  readonly ids?: readonly string[];
  readonly eventType?: string;
  readonly target?: string;
  readonly key?: string;
}

/** SQL: the row of `event_outbox` is a dead letter that fits the filter, whose values are $1 to $4. */
export const fitsFilter = `status = 'dead' and ($1::uuid[] is null or id = any($1)) and ($2::text is null or event_type = $2)
  and ($3::text is null or target = $3) and ($4::text is null or key = $4)`;

/** The values $1 to $4 of `fitsFilter`. */
export const filterValues = ({ ids, eventType, target, key }: DeadLetterFilter) => [
  ids ?? null,
  eventType ?? null,
  target ?? null,
  key ?? null,
];
