import { Errors } from "moleculer";
import { isErrorCode } from "./catalogue.ts";
import { PostboxError } from "./postbox-error.ts";

type Plain = Pick<Errors.MoleculerError, "name" | "type" | "message" | "data">;

/** Restores a PostboxError that came over the wire. Moleculer itself would make a bare Error of it. */
export class PostboxRegenerator extends Errors.Regenerator {
  // Undefined leaves the error to Moleculer, though its types do not say so.
  override restoreCustomError({ name, type, message, data }: Plain): Error {
    if (name !== "PostboxError" || !isErrorCode(type)) return undefined as unknown as Error;
    return new PostboxError(type, message, Object(data));
  }
}
