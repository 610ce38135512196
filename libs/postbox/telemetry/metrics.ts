import { collectDefaultMetrics, Registry } from "prom-client";

/** The registry of every metric of this process: `new Counter({ …, registers: [metrics] })`. */
export const metrics = new Registry();

collectDefaultMetrics({ register: metrics });
