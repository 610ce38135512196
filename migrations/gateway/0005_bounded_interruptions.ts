import { engineSchema } from "postbox/migrations";

export const { up, down } = engineSchema(4);
