import Type from "typebox";
import { defineEvent } from "../../libs/postbox/delivery/wire/define-event.ts";
import type { Services } from "../engine.ts";

/** The event of this benchmark; publisher and worker are two processes and each make it. */
export const createdOf = ({ service, target }: Services) =>
  defineEvent({
    service,
    name: "created",
    version: 1,
    targets: [target],
    schema: Type.Object({
      user: Type.Object({
        id: Type.String(),
        username: Type.String(),
        email: Type.String(),
        role: Type.String(),
        created_at: Type.String(),
      }),
    }),
  });
