import type { ServiceBroker } from "moleculer";
import type { Sequelize } from "sequelize";
import type { Models } from "../../delivery/inbox/handlers/handler.ts";
import { ServiceRuntime } from "./service-runtime.ts";

interface SharedRuntime {
  readonly runtime: ServiceRuntime;
  references: number;
  opening?: Promise<void>;
}

const entries = new WeakMap<ServiceBroker, Map<string, SharedRuntime>>();

/** One user's hold on a shared runtime: opened with the first lease, closed when the last is given back. */
export interface RuntimeReference<M extends Models> {
  readonly runtime: ServiceRuntime<M>;
  open(): Promise<void>;
  release(): Promise<void>;
}

/** Takes a lease on the runtime of a service in this broker's process. */
export function shareRuntime<M extends Models>(
  broker: ServiceBroker,
  name: string,
  defineModels: (sequelize: Sequelize) => M,
): RuntimeReference<M> {
  const all = entries.get(broker) ?? new Map<string, SharedRuntime>();
  entries.set(broker, all);
  const entry = all.get(name) ?? { runtime: new ServiceRuntime(broker, name, defineModels), references: 0 };
  all.set(name, entry);
  entry.references += 1;
  return {
    runtime: entry.runtime as unknown as ServiceRuntime<M>,
    open: () => (entry.opening ??= entry.runtime.open()),
    release: async () => {
      entry.references -= 1;
      if (entry.references > 0) return;
      all.delete(name);
      await entry.runtime.close();
    },
  };
}
