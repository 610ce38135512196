import type { Service } from "moleculer";
import type { StoreFields, StoreMethods } from "postbox/mixins";
import type { AuthModels } from "./models.ts";

/** What an action of auth finds in `this`. */
export type AuthService = Service & StoreFields<AuthModels> & StoreMethods;
