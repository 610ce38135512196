import type { Static, TSchema } from "typebox";

/** An event: its name, its publisher, its targets and the schema of its payload. Only this module composes subjects. */
export interface EventDefinition<Schema extends TSchema = TSchema, Target extends string = string> {
  /** The publishing service. */
  readonly service: string;
  /** Dot-separated verb and noun: `create.user`. */
  readonly name: string;
  /** The version of the payload's schema, from 1. */
  readonly version: number;
  /** The services that receive the event, by one outbox row each. */
  readonly targets: readonly Target[];
  readonly schema: Schema;
  /** `<service>.<name>`, e.g. `auth.create.user`. */
  readonly subject: string;
  /** `<target>.<service>.<name>`, e.g. `users.auth.create.user`. */
  subjectFor(target: Target): string;
  /** The key of a payload: events of one key reach a target one at a time, in commit order. */
  readonly key?: (data: Static<Schema>) => string;
  /** By version: the function that turns a payload of that version into one of the next version. */
  readonly upcasters?: Upcasters;
}

/**
 * `{ 1: (v1) => v2, 2: (v2) => v3 }`. An upcaster takes `unknown`, because the payload was stored by an earlier
 * release.
 */
export type Upcasters = Readonly<Record<number, (data: unknown) => unknown>>;

/** The payload of an event: `EventData<typeof createUser>`. */
export type EventData<Definition> = Definition extends EventDefinition<infer Schema> ? Static<Schema> : never;

/** What `defineEvent` takes. */
export interface EventDeclaration<Schema extends TSchema, Target extends string> {
  /** The publishing service. */
  service: string;
  /** Verb and noun with a dot between them: `create.user`. */
  name: string;
  /** The version of the payload's schema, from 1. */
  version: number;
  /** The services that receive the event; one at least. */
  targets: readonly Target[];
  /** JSON Schema (TypeBox) of the payload. */
  schema: Schema;
  /** The key of a payload, such as a user's id. Default: none; events without a key have no order. */
  key?: (data: Static<Schema>) => string;
  /** One for each version before `version`. */
  upcasters?: Upcasters;
}

const token = /^[a-z][a-z0-9]*$/;

/**
 * Defines an event, in `libs/<service>/events.ts` of the publishing service. Publishers pass it to `tx.enqueue`, subscribers
 * to `handle`.
 *
 * ```ts
 * export const createUser = defineEvent({
 *   service: "auth",
 *   name: "create.user",
 *   version: 1,
 *   targets: ["users", "emails"],
 *   key: ({ user }) => user.id,
 *   schema: object({ user: object({ id: Type.String({ format: "uuid" }) }) }),
 * });
 * ```
 *
 * @throws TypeError for a name that is not lowercase words separated by dots, an event without a target, a version
 * below 1, or a missing upcaster.
 */
export function defineEvent<Schema extends TSchema, const Target extends string>(
  declaration: EventDeclaration<Schema, Target>,
): EventDefinition<Schema, Target> {
  const { service, name, version, targets } = declaration;
  const subject = `${service}.${name}`;
  for (const word of [...subject.split("."), ...targets])
    if (!token.test(word))
      throw new TypeError(`Event '${subject}': '${word}' must be letters and digits, lowercase, a letter first.`);
  if (targets.length === 0) throw new TypeError(`Event '${subject}' has no target; name at least one service.`);
  if (!Number.isInteger(version) || version < 1)
    throw new TypeError(`Event '${subject}' has version ${version}; versions are whole numbers from 1.`);
  for (let older = 1; older < version; older++)
    if (declaration.upcasters?.[older] === undefined)
      throw new TypeError(
        `Event '${subject}' version ${version} lacks an upcaster from version ${older}; stored events need it.`,
      );
  return { ...declaration, subject, subjectFor: (target) => `${target}.${subject}` };
}
