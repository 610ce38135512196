/**
 * SQL of a recursive query `targets (target)`: each target that has rows of this status, and a null at the end. It goes
 * from one to the next by the index on (target, …) of the status, so its cost grows with the targets and not with
 * their rows, as `distinct` would.
 */
export const targetsOf = (status: "pending" | "published"): string =>
  `recursive targets (target) as (
    (select target from event_outbox where status = '${status}' order by target limit 1)
    union all
    select (select o.target from event_outbox o where o.status = '${status}' and o.target > t.target
      order by o.target limit 1)
    from targets t where t.target is not null)`;
