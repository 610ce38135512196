/**
 * SQL of a recursive query `targets (target)`: each target that has rows of this status, and a null at the end. The
 * query steps from target to target through the index on (target, …). Its cost grows with the targets; that of
 * `distinct` would grow with their rows.
 */
export const targetsOf = (status: "pending" | "published"): string =>
  `recursive targets (target) as (
    (select target from event_outbox where status = '${status}' order by target limit 1)
    union all
    select (select o.target from event_outbox o where o.status = '${status}' and o.target > t.target
      order by o.target limit 1)
    from targets t where t.target is not null)`;
