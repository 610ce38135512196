import { declareError, isErrorCode } from "../errors/catalogue.ts";
import { PostboxError } from "../errors/postbox-error.ts";
import type { ErrorEntry } from "../errors/service-errors.ts";
import { serviceModules } from "./service-modules.ts";

/**
 * Adds to the catalogue the codes that services export as `errors` from their `libs/<service>/errors.ts`.
 *
 * @throws PostboxError `configuration-invalid` for a code that exists already.
 */
export async function loadServiceErrors(root: string): Promise<void> {
  const modules = await serviceModules<{ errors: Readonly<Record<string, ErrorEntry>> }>(root, "libs", "errors.ts");
  for (const { path, exports } of modules)
    for (const [code, entry] of Object.entries(exports.errors ?? {})) {
      if (isErrorCode(code))
        throw new PostboxError(
          "configuration-invalid",
          `${path} declares the error code '${code}', which exists already. Choose another code.`,
        );
      declareError(code, entry);
    }
}
