import type { Service } from "moleculer";
import type { EntityMethods, StoreFields, StoreMethods } from "postbox/mixins";
import type { UsersModels } from "./models.ts";

/** What an action of users finds in `this`. */
export type UsersService = Service & StoreFields<UsersModels> & StoreMethods & EntityMethods;
