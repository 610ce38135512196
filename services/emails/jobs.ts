import type { Job } from "postbox";

export const jobs: readonly Job[] = [];
