import type { Service } from "moleculer";
import type { EntityMethods } from "../../mixins/entities.ts";
import type { StoreFields, StoreMethods } from "../../mixins/store.ts";
import type { UsersModels } from "./models.ts";

/** What an action of users finds in `this`. */
export type UsersService = Service & StoreFields<UsersModels> & StoreMethods & EntityMethods;
