/**
 * `postbox/schema`: what a contract is written with, in `libs/<service>/`. It loads no part of the runtime, so that a
 * contract can be read by tools and browsers alike.
 */
// `*`, because only so a service can extend the interface `ServiceErrors` by the name of this entrance.
export * from "./core/errors/service-errors.ts";
export { object } from "./core/validation/object.ts";
export { trimmed } from "./core/validation/trimmed.ts";
export {
  defineEvent,
  type EventData,
  type EventDeclaration,
  type EventDefinition,
} from "./delivery/wire/define-event.ts";
export { defineOpenEvent, type OpenEvent } from "./delivery/wire/open-event.ts";
export {
  type Revocations,
  revocationsAction,
  revocationsParams,
  revocationsResult,
} from "./edge/access/revocations.ts";
export { type ActionRef, actionRef } from "./edge/actions/action.ts";
export { message } from "./edge/answers/message.ts";
export { type Access, type Role, roleSets, roles } from "./edge/tokens/roles.ts";
