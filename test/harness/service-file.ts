import { join } from "node:path";
import { projectRoot } from "../../libs/stack/places.ts";

/** The path of a service file by its short name: `auth.worker` is `services/auth/auth.worker.service.ts`. */
export function serviceFile(name: string): string {
  const [service = name] = name.split(".");
  return join(projectRoot, "services", service, `${name}.service.ts`);
}
