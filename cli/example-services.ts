import { servicesWithWorker } from "../libs/postbox/core/project/service-parts.ts";

/** Two services to name in examples. They are the project's own, so that each example can be typed as it stands. */
export function exampleServices(): { readonly publisher: string; readonly receiver: string } {
  const [publisher = "orders", receiver = publisher] = servicesWithWorker();
  return { publisher, receiver };
}
