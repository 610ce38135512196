import { Errors } from "moleculer";
import { catalogue, type ErrorCode } from "./catalogue.ts";
import { PostboxError } from "./postbox-error.ts";

type Plain = Pick<Errors.MoleculerError, "name" | "type" | "message" | "data">;

/** Makes a PostboxError of one that came over the wire; Moleculer itself would make a bare Error of it. */
export class PostboxRegenerator extends Errors.Regenerator {
  // Moleculer takes undefined for "not mine", though its types do not say so.
  override restoreCustomError({ name, type, message, data }: Plain): Error {
    if (name !== "PostboxError" || !Object.hasOwn(catalogue, type)) return undefined as unknown as Error;
    return new PostboxError(type as ErrorCode, message, Object(data));
  }
}
