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

/** The address and the name for mails to a user. A copy: auth owns the user. */
export interface Recipient extends Model<InferAttributes<Recipient>, InferCreationAttributes<Recipient>> {
  /** The user's id. */
  id: string;
  username: string;
  email: string;
}

/** A mail that the SMTP server has accepted. */
export interface Mail extends Model<InferAttributes<Mail>, InferCreationAttributes<Mail>> {
  /** The event that asked for it. */
  event_id: string;
  /** The user it went to; null for an address that is no user's. */
  recipient_id: string | null;
  /** The kind of mail; the event's type for a mail that another service asked for. */
  template: string;
  message_id: string;
  sent_at: CreationOptional<Date>;
}

export interface EmailsModels extends Record<string, ModelStatic<Model>> {
  Recipient: ModelStatic<Recipient>;
  Mail: ModelStatic<Mail>;
}

// Made anew for each column: Sequelize writes the column's name into its definition.
const id = () => ({ type: DataTypes.UUID, allowNull: false });
const text = () => ({ type: DataTypes.TEXT, allowNull: false });

export function defineModels(sequelize: Sequelize): EmailsModels {
  return {
    Recipient: sequelize.define<Recipient>(
      "Recipient",
      { id: { ...id(), primaryKey: true }, username: text(), email: text() },
      { tableName: "recipient" },
    ),
    Mail: sequelize.define<Mail>(
      "Mail",
      {
        event_id: { ...id(), primaryKey: true },
        recipient_id: { type: DataTypes.UUID },
        template: text(),
        message_id: text(),
        sent_at: { type: DataTypes.DATE, allowNull: false, defaultValue: literal("now()") },
      },
      { tableName: "mail", indexes: [{ fields: ["recipient_id"] }] },
    ),
  };
}
