import { defineEvent } from "postbox/schema";
import { Type } from "typebox";
import { userId, usernameOrEmail } from "./fields.ts";
import { linkPurpose } from "./links.ts";
import { publicUser } from "./user.ts";

const service = "auth";

/** A user has registered. */
export const createUser = defineEvent({
  service,
  name: "create.user",
  version: 1,
  targets: ["users", "emails"],
  schema: Type.Object({ user: publicUser }),
  key: ({ user }) => user.id,
});

/** A user's name, role, verification or lock-out has changed. The event holds the whole public user as it now is. */
export const changeUser = defineEvent({
  service,
  name: "change.user",
  version: 1,
  targets: ["users", "emails"],
  schema: Type.Object({ user: publicUser }),
  key: ({ user }) => user.id,
});

/** A user's password has changed; the owner is told by mail. */
export const changePassword = defineEvent({
  service,
  name: "change.password",
  version: 1,
  targets: ["emails"],
  schema: Type.Object({ user_id: userId }),
  key: ({ user_id }) => user_id,
});

/**
 * Somebody asked for a link for the user with this name or address. Auth sends the event to itself before it looks for the
 * user, so that the request costs the same whether or not there is one.
 */
export const requestLink = defineEvent({
  service,
  name: "request.link",
  version: 1,
  targets: ["auth"],
  schema: Type.Object({ purpose: linkPurpose, username_email: usernameOrEmail }),
});

/** A link was made for a user. Its token is sealed: only services that hold the signing key can open it. */
export const sendLink = defineEvent({
  service,
  name: "send.link",
  version: 1,
  targets: ["emails"],
  schema: Type.Object({
    user_id: userId,
    purpose: linkPurpose,
    sealed_token: Type.String(),
    expires_at: Type.String({ format: "date-time" }),
  }),
  key: ({ user_id }) => user_id,
});
