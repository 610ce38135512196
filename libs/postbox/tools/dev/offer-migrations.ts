import type { WaitingMigrations } from "./waiting-migrations.ts";

export interface OfferOptions {
  readonly waiting: readonly WaitingMigrations[];
  /** Applies without a question. */
  readonly yes: boolean;
  /** Asks what takes yes or no; absent where nobody sits in front of it. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  /** Brings the databases of these services up to date, and makes those that are missing. */
  readonly apply: (services: readonly string[]) => Promise<void>;
  readonly report: (line: string) => void;
}

/**
 * Applies the migrations that wait, once somebody has agreed. A database to which nothing was ever applied is made
 * without a question: it has no data that a migration could harm.
 */
export async function offerMigrations({ waiting, yes, ask, apply, report }: OfferOptions): Promise<void> {
  for (const { service, changed } of waiting)
    if (changed.length > 0)
      report(
        `The migration ${changed.join(", ")} of ${service} was changed after it was applied. Undo the change, or take the migration back as it was by \`npx postbox migrate down ${service}\`.`,
      );
  const pending = waiting.filter(({ pending, changed }) => pending.length > 0 && changed.length === 0);
  const questioned = pending.filter(({ isNew }) => !isNew);
  const names = questioned.map(({ service, pending }) => `${service} ${pending.join(", ")}`).join("; ");
  const agreed = questioned.length === 0 || yes || ((await ask?.(`Apply the migrations ${names}?`)) ?? false);
  const applied = pending.filter(({ isNew }) => isNew || agreed).map(({ service }) => service);
  if (applied.length > 0) await apply(applied);
  if (agreed) return;
  const services = questioned.map(({ service }) => service).join(" ");
  report(`Migrations wait: ${names}. Run \`npx postbox migrate up ${services}\` to apply them.`);
}
