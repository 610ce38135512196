import {
  exceededLimit,
  type RateLimit,
  type RateLimitStore,
  type RateLimitUsage,
} from "../../core/limits/rate-limit.ts";
import type { Queryable } from "../../postgres/transaction/queryable.ts";

/** Full buckets remembered at most. When there are more, all are forgotten. */
const maxFull = 50_000;

/**
 * Counts in the gateway's database, by one statement a request, so that all instances share the limits.
 *
 * - A request that finds one of its windows full is counted in none.
 * - Two requests for the last hit may both be counted. Each gets its own number back, so only one of them passes.
 * - A full bucket is remembered until its window ends. A flood of refused requests costs the database nothing.
 */
export class PostgresRateLimitStore implements RateLimitStore {
  readonly #database: Queryable;
  readonly #full = new Map<string, { readonly usages: readonly RateLimitUsage[]; readonly at: number }>();

  constructor(database: Queryable) {
    this.#database = database;
  }

  async take(bucket: string, limits: readonly RateLimit[]): Promise<readonly RateLimitUsage[]> {
    const known = this.#known(bucket);
    if (known) return known;
    const usages = await this.#count(bucket, limits);
    if (exceededLimit(usages)) {
      if (this.#full.size >= maxFull) this.#full.clear();
      this.#full.set(bucket, { usages, at: performance.now() });
    }
    return usages;
  }

  /** The usage of a bucket that was found full, until its full window ends. */
  #known(bucket: string): readonly RateLimitUsage[] | undefined {
    const full = this.#full.get(bucket);
    if (!full) return undefined;
    const passed = Math.floor((performance.now() - full.at) / 1_000);
    const usages = full.usages.map((one) => ({ ...one, resetSeconds: one.resetSeconds - passed }));
    if (Number(exceededLimit(usages)?.resetSeconds) > 0) return usages;
    this.#full.delete(bucket);
    return undefined;
  }

  async #count(bucket: string, limits: readonly RateLimit[]): Promise<readonly RateLimitUsage[]> {
    const { rows } = await this.#database.query<RateLimitUsage>({
      name: "rate_limit_take",
      text: `
        with limits as (
          select seconds, count, $1 || ' ' || seconds as bucket,
            to_timestamp(floor(extract(epoch from now()) / seconds) * seconds) as window_start
          from unnest($2::int[], $3::int[]) as given (count, seconds)
        ), present as (
          select limits.*, coalesce(hits, 0) as hits
          from limits left join rate_limit using (bucket, window_start)
        ), taken as (
          insert into rate_limit (bucket, window_start, hits, expires_at)
          select bucket, window_start, 1, window_start + make_interval(secs => seconds)
          from present where not exists (select from present where hits >= count) order by bucket
          on conflict (bucket, window_start) do update set hits = rate_limit.hits + 1
          returning bucket, hits
        ), removed as (
          delete from rate_limit where (bucket, window_start) in (
            select bucket, window_start from rate_limit where expires_at < now() limit 5 for update skip locked)
        )
        select count, seconds,
          coalesce(taken.hits, present.hits + (present.hits >= count)::int) as hits,
          ceil(extract(epoch from window_start) + seconds - extract(epoch from now()))::int as "resetSeconds"
        from present left join taken using (bucket)`,
      values: [bucket, limits.map(({ count }) => count), limits.map(({ seconds }) => seconds)],
    });
    return rows;
  }
}
