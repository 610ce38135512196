import type { Service } from "moleculer";
import type { EntityMethods, StoreFields, StoreMethods } from "postbox/mixins";
import type { UsersModels } from "./models.ts";

/** `this` in an action of users. */
export type UsersService = Service & StoreFields<UsersModels> & StoreMethods & EntityMethods;
