import { defineEvent, type EventHandler, type HandlerTransaction, handle, handleMany } from "postbox";
import { mailbox } from "postbox/mixins";
import type { InferAttributes, InferCreationAttributes, Model, ModelStatic, Sequelize } from "sequelize";
import Type from "typebox";

/**
 * Held by the compiler alone: a handler goes into the mailbox of a service that has the models it needs, and into no other.
 * Where an error is expected and none comes, `tsc` fails.
 */

interface Profile extends Model<InferAttributes<Profile>, InferCreationAttributes<Profile>> {
  id: string;
}

interface Recipient extends Model<InferAttributes<Recipient>, InferCreationAttributes<Recipient>> {
  id: string;
}

interface UsersModels extends Record<string, ModelStatic<Model>> {
  Profile: ModelStatic<Profile>;
}

interface EmailsModels extends Record<string, ModelStatic<Model>> {
  Recipient: ModelStatic<Recipient>;
}

declare function defineUsers(sequelize: Sequelize): UsersModels;
declare function defineEmails(sequelize: Sequelize): EmailsModels;

const created = defineEvent({
  service: "auth",
  name: "create",
  version: 1,
  targets: ["users", "emails"],
  schema: Type.Object({ id: Type.String() }),
});

const oneOfUsers = handle(created, async ({ data }, tx: HandlerTransaction<UsersModels>) => {
  await tx.models.Profile.create({ id: data.id });
});
const manyOfUsers = handleMany(created, async (messages, tx: HandlerTransaction<UsersModels>) => {
  await tx.models.Profile.bulkCreate(messages.map(({ data }) => ({ id: data.id })));
});
const ofNobody = handle(created, async ({ data }, tx) => {
  await tx.query({ text: "select $1::uuid", values: [data.id] });
});

mailbox("users", defineUsers, [oneOfUsers, ofNobody]);
mailbox("users", defineUsers, [manyOfUsers]);
mailbox("emails", defineEmails, [ofNobody]);
mailbox("emails", () => ({}), [ofNobody]);

// @ts-expect-error: emails has no Profile.
mailbox("emails", defineEmails, [oneOfUsers]);
// @ts-expect-error: emails has no Profile, in a set-based handler either.
mailbox("emails", defineEmails, [ofNobody, manyOfUsers]);
// @ts-expect-error: a service without models has no Profile.
mailbox("emails", () => ({}), [oneOfUsers]);

// @ts-expect-error: a list for any service takes no handler that needs a service's own models.
export const forAnyService: readonly EventHandler[] = [oneOfUsers];
export const forUsers: readonly EventHandler<UsersModels>[] = [oneOfUsers, manyOfUsers, ofNobody];

handle(created, async ({ data }, tx: HandlerTransaction<UsersModels>) => {
  // @ts-expect-error: the contract of the event has no `name`.
  await tx.models.Profile.create({ id: data.name });
});
