import { v7 as uuidv7 } from "uuid";
import type { Queryable } from "../../postgres/transaction/queryable.ts";

/** An operator: a user's id, or `cli:<name>`. */
export type Actor = string;

/** What an operator did to each of the subjects. */
export interface OperatorAction {
  readonly actor: Actor;
  readonly action: string;
  /** Ids of events, or names of jobs or services. */
  readonly subjects: readonly string[];
  readonly detail?: object;
}

/** Writes a row of `operator_action` for each subject, in the transaction of the action itself. */
export async function recordActions(
  transaction: Queryable,
  { actor, action, subjects, detail = {} }: OperatorAction,
): Promise<void> {
  if (subjects.length === 0) return;
  await transaction.query({
    name: "operator-action-insert",
    text: `insert into operator_action (id, actor, action, subject, detail)
      select unnest($1::uuid[]), $2, $3, unnest($4::text[]), $5`,
    values: [subjects.map(() => uuidv7()), actor, action, subjects, JSON.stringify(detail)],
  });
}
