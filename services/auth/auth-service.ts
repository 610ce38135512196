import type { Service } from "moleculer";
import type { StoreFields, StoreMethods } from "postbox/mixins";
import type { AuthModels } from "./models.ts";

/** `this` in an action of auth. */
export type AuthService = Service & StoreFields<AuthModels> & StoreMethods;
