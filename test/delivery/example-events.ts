import { defineEvent, type EventDefinition, type HandlerTransaction, handle } from "postbox";
import Type from "typebox";

export const Note = Type.Object({ n: Type.Integer(), text: Type.Optional(Type.String()) });

/** An event without a key, from auth to users. */
export const noted = defineEvent({ service: "auth", name: "note", version: 1, targets: ["users"], schema: Note });

/** An event whose key is given at each enqueue. */
export const keyed = defineEvent({ service: "auth", name: "keyed", version: 1, targets: ["users"], schema: Note });

/** An event with this text ends the process of a worker that runs in one of its own. */
export const deadlyText = "end this process";

/** Writes the effect of one event: a row that names it, twice if it is handled twice. */
export async function writeEffect(
  message: { id: string; key: string | undefined; data: { n: number } },
  tx: HandlerTransaction,
): Promise<void> {
  await tx.query({
    name: "effect",
    text: "insert into effect (event_id, key, n) values ($1, $2, $3)",
    values: [message.id, message.key ?? null, message.data.n],
  });
}

export const plainHandlers = [handle(noted, writeEffect), handle(keyed, writeEffect)];

export interface Publication {
  readonly event?: EventDefinition<typeof Note>;
  readonly n: number;
  readonly key?: string;
  readonly text?: string;
  readonly availableAt?: Date;
}
