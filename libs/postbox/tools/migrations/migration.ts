/** What a migration works with. */
export interface MigrationContext {
  /** Sends SQL on the migration's own transaction; gives the rows of the last statement. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
}

export type MigrationStep = (context: MigrationContext) => Promise<void>;

/** What a file `migrations/<service>/NNNN_name.ts` exports. */
export interface MigrationModule {
  readonly up: MigrationStep;
  readonly down: MigrationStep;
  /**
   * True: runs outside a transaction, as `create index concurrently` must. A failure half-way stays half-way, so each
   * statement must be one that can be sent again. A failed build leaves an invalid index, which `if not exists` would
   * pass over: send `drop index concurrently if exists` before it.
   */
  readonly concurrently?: boolean;
}

export type Direction = "up" | "down";

/** Told what happens while it happens. */
export interface ProgressLogger {
  info(message: string): void;
  warn(message: string): void;
}
