import type { EventDefinition } from "../../delivery/wire/define-event.ts";

/** What of an event others rely on, as it is kept in `test/contracts`. */
export interface Contract {
  readonly subject: string;
  readonly version: number;
  readonly targets: readonly string[];
  /** Whether its events belong to mailboxes. */
  readonly keyed: boolean;
  /** JSON Schema of the payload. */
  readonly schema: unknown;
}

export function contractOf({ subject, version, targets, key, schema }: EventDefinition): Contract {
  // Through text: what is compared is what would be written.
  return { subject, version, targets, keyed: key !== undefined, schema: JSON.parse(JSON.stringify(schema)) };
}
