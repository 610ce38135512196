import type { Job } from "postbox";
import type { UsersModels } from "./models.ts";

export const jobs: readonly Job<UsersModels>[] = [];
