import type { Role } from "postbox";
import {
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from "sequelize";

/** A copy of a user, from which this service answers. Auth owns the user, and its events keep the copy up to date. */
export interface Profile extends Model<InferAttributes<Profile>, InferCreationAttributes<Profile>> {
  /** The user's id. */
  id: string;
  username: string;
  email: string;
  role: Role;
  verified: boolean;
  disabled: boolean;
  created_at: Date;
}

export interface UsersModels extends Record<string, ModelStatic<Model>> {
  Profile: ModelStatic<Profile>;
}

// Made anew for each column: Sequelize writes the column's name into its definition.
const text = () => ({ type: DataTypes.TEXT, allowNull: false });
const flag = () => ({ type: DataTypes.BOOLEAN, allowNull: false });

export function defineModels(sequelize: Sequelize): UsersModels {
  return {
    // Not unique: two users change names by two events. Between them, both copies may have the same name.
    Profile: sequelize.define<Profile>(
      "Profile",
      {
        id: { type: DataTypes.UUID, primaryKey: true },
        username: text(),
        email: text(),
        role: text(),
        verified: flag(),
        disabled: flag(),
        created_at: { type: DataTypes.DATE, allowNull: false },
      },
      {
        tableName: "profile",
        indexes: [{ fields: ["username"] }, { fields: ["email"] }, { fields: ["created_at"] }],
      },
    ),
  };
}
