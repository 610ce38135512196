import { basename } from "node:path";
import { DataTypes, type Sequelize } from "sequelize";
import { checkMigrations } from "../../libs/postbox/tools/migrations/check.ts";
import { type MakeOptions, makeMigration } from "../../libs/postbox/tools/migrations/make.ts";
import type { ServiceModels } from "../../libs/postbox/tools/migrations/service-models.ts";
import type { Ground } from "./ground.ts";

export const id = { type: DataTypes.UUID, primaryKey: true };

/** Options of a model whose table has this name and no columns of its own. */
export function named(tableName: string) {
  return { tableName, timestamps: false, underscored: true };
}

export function table(name: string): ServiceModels {
  return { defineModels: (sequelize) => sequelize.define(name, { id, name: DataTypes.TEXT }, named(name)) };
}

export function uniqueColumn(name: string, table = "person"): ServiceModels {
  return {
    defineModels: (sequelize: Sequelize) =>
      sequelize.define(table, { id, [name]: { type: DataTypes.TEXT, unique: true } }, named(table)),
  };
}

/** Writes the migration that leads to the models; undefined where there is nothing to do. */
export async function made(here: Ground, models: ServiceModels, message: string, options: Partial<MakeOptions> = {}) {
  const written = await makeMigration("test", here.target, {
    message,
    allowLoss: false,
    renames: [],
    folder: here.folder,
    models,
    ...options,
  });
  return written && { name: basename(written.path), losses: written.losses, needs: written.needs };
}

export async function check(here: Ground, models: ServiceModels): Promise<"clean" | object> {
  const difference = await checkMigrations("test", here.target, { folder: here.folder, models });
  return difference.missing.length + difference.surplus.length === 0 ? "clean" : difference;
}
