/** `postbox/mixins`: what a service file is put together from. */
export { type EntityMethods, type EntityPage, entities, type ListParams } from "./entities.ts";
export { mailbox } from "./mailbox.ts";
export { operations } from "./operations.ts";
export { rest } from "./rest.ts";
export { scheduler } from "./scheduler.ts";
export { type StoreFields, type StoreMethods, store } from "./store.ts";
export { web } from "./web.ts";
