import type { Role } from "postbox";
import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  literal,
  type Model,
  type ModelStatic,
  type Sequelize,
} from "sequelize";
import type { LinkPurpose } from "../../libs/auth/links.ts";

/** The users who may log in. This table alone keeps names and addresses unique, and holds the password's hash. */
export interface Account extends Model<InferAttributes<Account>, InferCreationAttributes<Account>> {
  /** UUID v7. */
  id: string;
  username: string;
  email: string;
  password_hash: string;
  role: CreationOptional<Role>;
  verified: CreationOptional<boolean>;
  disabled: CreationOptional<boolean>;
  created_at: CreationOptional<Date>;
}

/** One login on one device: a family of refresh tokens, of which the last one is valid. */
export interface Session extends Model<InferAttributes<Session>, InferCreationAttributes<Session>> {
  id: string;
  account_id: string;
  /** SHA-256 of the part that all refresh tokens of the family share. */
  family_hash: string;
  /** SHA-256 of the part that is the present token's own. */
  secret_hash: string;
  ip_address: string | null;
  created_at: CreationOptional<Date>;
  last_used_at: CreationOptional<Date>;
  expires_at: Date;
}

/** An access token that has not expired yet. */
export interface AccessToken extends Model<InferAttributes<AccessToken>, InferCreationAttributes<AccessToken>> {
  jti: string;
  account_id: string;
  session_id: string;
  expires_at: Date;
  revoked_at: Date | null;
}

/** A link that was sent by mail and not used yet. */
export interface Link extends Model<InferAttributes<Link>, InferCreationAttributes<Link>> {
  /** SHA-256 of the token in the link. */
  token_hash: string;
  account_id: string;
  purpose: LinkPurpose;
  created_at: CreationOptional<Date>;
  expires_at: Date;
}

/** Wrong passwords for one name, from one client, or both, in the present window. */
export interface PasswordAttempt
  extends Model<InferAttributes<PasswordAttempt>, InferCreationAttributes<PasswordAttempt>> {
  scope: string;
  attempts: number;
  ends_at: Date;
}

/** A client that a user has logged in from by the right password. */
export interface KnownClient extends Model<InferAttributes<KnownClient>, InferCreationAttributes<KnownClient>> {
  account_id: string;
  /** As `clientNetwork` tells it: an IPv4 address, or an IPv6 network of 64 bits. */
  client: string;
  expires_at: Date;
}

export interface AuthModels extends Record<string, ModelStatic<Model>> {
  Account: ModelStatic<Account>;
  Session: ModelStatic<Session>;
  AccessToken: ModelStatic<AccessToken>;
  Link: ModelStatic<Link>;
  PasswordAttempt: ModelStatic<PasswordAttempt>;
  KnownClient: ModelStatic<KnownClient>;
}

// Made anew for each column: Sequelize writes the column's name into its definition.
const now = () => ({ type: DataTypes.DATE, allowNull: false, defaultValue: literal("now()") });
const moment = () => ({ type: DataTypes.DATE, allowNull: false });
const text = () => ({ type: DataTypes.TEXT, allowNull: false });
const key = () => ({ type: DataTypes.UUID, primaryKey: true });
const no = () => ({ type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false });
const account = () => ({
  type: DataTypes.UUID,
  allowNull: false,
  references: { model: "account", key: "id" },
  onDelete: "cascade",
  onUpdate: "cascade",
});

export function defineModels(sequelize: Sequelize): AuthModels {
  return {
    Account: sequelize.define<Account>(
      "Account",
      {
        id: key(),
        username: { ...text(), unique: true },
        email: { ...text(), unique: true },
        password_hash: text(),
        role: { ...text(), defaultValue: "user" },
        verified: no(),
        disabled: no(),
        created_at: now(),
      },
      { tableName: "account" },
    ),
    Session: sequelize.define<Session>(
      "Session",
      {
        id: key(),
        account_id: account(),
        family_hash: { ...text(), unique: true },
        secret_hash: text(),
        ip_address: DataTypes.TEXT,
        created_at: now(),
        last_used_at: now(),
        expires_at: moment(),
      },
      { tableName: "session", indexes: [{ fields: ["account_id"] }, { fields: ["expires_at"] }] },
    ),
    AccessToken: sequelize.define<AccessToken>(
      "AccessToken",
      {
        jti: key(),
        account_id: account(),
        session_id: { type: DataTypes.UUID, allowNull: false },
        expires_at: moment(),
        revoked_at: DataTypes.DATE,
      },
      {
        tableName: "access_token",
        indexes: [
          { fields: ["account_id"] },
          { fields: ["session_id"] },
          { fields: ["expires_at"] },
          { fields: ["revoked_at"], where: literal("revoked_at is not null") },
        ],
      },
    ),
    Link: sequelize.define<Link>(
      "Link",
      {
        token_hash: { ...text(), primaryKey: true },
        account_id: account(),
        purpose: text(),
        created_at: now(),
        expires_at: moment(),
      },
      { tableName: "link", indexes: [{ fields: ["account_id"] }, { fields: ["expires_at"] }] },
    ),
    PasswordAttempt: sequelize.define<PasswordAttempt>(
      "PasswordAttempt",
      {
        scope: { ...text(), primaryKey: true },
        attempts: { type: DataTypes.INTEGER, allowNull: false },
        ends_at: moment(),
      },
      { tableName: "password_attempt", indexes: [{ fields: ["ends_at"] }] },
    ),
    KnownClient: sequelize.define<KnownClient>(
      "KnownClient",
      {
        account_id: { ...account(), primaryKey: true },
        client: { ...text(), primaryKey: true },
        expires_at: moment(),
      },
      { tableName: "known_client", indexes: [{ fields: ["expires_at"] }] },
    ),
  };
}
