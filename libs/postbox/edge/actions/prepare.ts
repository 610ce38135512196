import type { Context, Service } from "moleculer";
import type { Meta } from "./meta.ts";

/** An action's `prepare`, as the middleware that calls it sees it. */
export type Prepare = (this: Service | null, ctx: Context<unknown, Meta>) => Promise<unknown>;
