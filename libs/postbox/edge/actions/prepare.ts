import type { Context, Service } from "moleculer";
import type { Meta } from "./meta.ts";

/** The `prepare` of any action, its types erased. */
export type Prepare = (this: Service | null, ctx: Context<unknown, Meta>) => Promise<unknown>;
