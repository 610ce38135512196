import type { Sequelize } from "sequelize";
import type { Models } from "../../libs/inbox/handler.ts";

/** The gateway's tables are those that every service has. */
export function defineModels(_sequelize: Sequelize): Models {
  return {};
}
