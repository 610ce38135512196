import { DataTypes } from "sequelize";
import type { ServiceModels } from "../../libs/postbox/tools/migrations/schema/service-models.ts";

export const id = { type: DataTypes.UUID, primaryKey: true };

/** Options of a model whose table has this name and no columns of its own. */
export function named(tableName: string) {
  return { tableName, timestamps: false, underscored: true };
}

/** One table with a name for each row. */
export function table(name: string): ServiceModels {
  return { defineModels: (sequelize) => sequelize.define(name, { id, name: DataTypes.TEXT }, named(name)) };
}

/** One table with a unique text column. */
export function uniqueColumn(name: string, table = "person"): ServiceModels {
  return {
    defineModels: (sequelize) =>
      sequelize.define(table, { id, [name]: { type: DataTypes.TEXT, unique: true } }, named(table)),
  };
}
