import type { Role } from "postbox";
import {
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from "sequelize";

/** The copy of a user that this service answers from. Auth decides; its events keep this in step. */
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
    // Not unique: in between two events of two users, one may bear the name that the other just gave up.
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
