import type { Job } from "postbox";
import type { EmailsModels } from "./models.ts";

export const jobs: readonly Job<EmailsModels>[] = [];
