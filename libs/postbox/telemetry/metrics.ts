import { collectDefaultMetrics, Registry } from "prom-client";

/** Where every metric of this process is registered: `new Counter({ …, registers: [metrics] })`. */
export const metrics = new Registry();

collectDefaultMetrics({ register: metrics });
