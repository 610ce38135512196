/** One kind of error. What is particular to one occurrence goes into `PostboxError.message`. */
export interface ErrorEntry {
  /** The HTTP status of the gateway's answer. */
  readonly status: number;
  /** What went wrong, in words that no other code has. */
  readonly title: string;
  /** Whether the same call may succeed later without being changed. */
  readonly retry: "later" | "never";
  /** True: clients get the code although its status is 500 or above. Default: they get a general code. */
  readonly public?: true;
}

/**
 * The error codes of services. A service declares its codes in `libs/<service>/errors.ts`, where the runtime finds them,
 * and adds them to this interface, so that they compile:
 *
 * ```ts
 * import { type CodesOf, defineErrors } from "postbox/schema";
 *
 * export const errors = defineErrors({
 *   "sold-out": { status: 409, title: "The article is sold out", retry: "later" },
 * });
 *
 * declare module "postbox/schema" {
 *   interface ServiceErrors extends CodesOf<typeof errors> {}
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: services extend it.
export interface ServiceErrors {}

/** The codes of a service, for `ServiceErrors`. */
export type CodesOf<Errors> = Readonly<Record<keyof Errors, ErrorEntry>>;

/** The error codes of a service; `libs/<service>/errors.ts` exports them as `errors`. */
export function defineErrors<const Errors extends Readonly<Record<string, ErrorEntry>>>(errors: Errors): Errors {
  return errors;
}
