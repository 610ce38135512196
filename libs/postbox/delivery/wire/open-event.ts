import type { TSchema } from "typebox";
import { defineEvent, type EventDeclaration, type EventDefinition } from "./define-event.ts";

/** Stands for the publisher in the subject of an event of any publisher: `*.request.mail`. */
const anyPublisher = "*";

/** An event that any service may publish, each as an event of its own. */
export interface OpenEvent<Schema extends TSchema, Target extends string> {
  /** The event as this service publishes it, for its `libs/<publisher>/events.ts`. */
  from(publisher: string): EventDefinition<Schema, Target>;
  /** The event of whichever publisher, for the one handler of a target. The message's `source` tells who has published it. */
  readonly fromAny: EventDefinition<Schema, Target>;
}

/**
 * Defines an event whose schema belongs to its target, in `libs/<target>/`. Each service that publishes such an event makes
 * it its own, and the target has one handler for all of them, also for publishers that come later.
 *
 * ```ts
 * // libs/emails/mail.ts
 * export const mail = defineOpenEvent({ name: "request.mail", version: 1, targets: ["emails"], schema });
 * // libs/orders/events.ts
 * export const requestMail = mail.from("orders");
 * // services/emails/events.ts
 * export const handlers = [handle(mail.fromAny, sendMail)];
 * ```
 *
 * @throws TypeError as `defineEvent` does.
 */
export function defineOpenEvent<Schema extends TSchema, const Target extends string>(
  declaration: Omit<EventDeclaration<Schema, Target>, "service">,
): OpenEvent<Schema, Target> {
  const from = (publisher: string) => defineEvent<Schema, Target>({ ...declaration, service: publisher });
  const subject = `${anyPublisher}.${declaration.name}`;
  return {
    from,
    fromAny: {
      ...from("any"),
      service: anyPublisher,
      subject,
      subjectFor: (target) => `${target}.${subject}`,
    },
  };
}

/** The subject of an event of any publisher: `orders.request.mail` gives `*.request.mail`. */
export const openSubject = (subject: string): string => `${anyPublisher}${subject.slice(subject.indexOf("."))}`;

/** SQL for the same, of a column. */
export const openSubjectOf = (column: string): string =>
  `'${anyPublisher}' || substr(${column}, strpos(${column}, '.'))`;
