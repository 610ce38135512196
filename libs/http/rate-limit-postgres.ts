import type { Database } from "../database/database.ts";
import type { Limit, RateLimitStore, Standing } from "./rate-limit.ts";

/**
 * Counts in the gateway's database, one statement a request, so that all instances share what is left.
 *
 * A request that finds a window full is counted nowhere. Two that meet at the last place may both be counted; the
 * count that each gets back tells them apart, so no more pass than may.
 */
export class PostgresRateLimits implements RateLimitStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async take(bucket: string, limits: readonly Limit[]): Promise<readonly Standing[]> {
    const { rows } = await this.#database.query<Standing>({
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
