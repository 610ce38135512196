/** What a migration works with. */
export interface MigrationContext {
  /** Sends SQL on the migration's own transaction and returns the rows of the last statement. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
}

/** One direction of a migration. */
export type MigrationStep = (context: MigrationContext) => Promise<void>;

/** What a file `migrations/<service>/NNNN_name.ts` exports. */
export interface MigrationModule {
  readonly up: MigrationStep;
  readonly down: MigrationStep;
  /**
   * True: the migration runs outside a transaction, as `create index concurrently` must. A failure half-way is not
   * undone, so each statement must be safe to send again. A failed build leaves an invalid index, which `if not exists`
   * would pass over: send `drop index concurrently if exists` first.
   */
  readonly concurrently?: boolean;
}

export type Direction = "up" | "down";
