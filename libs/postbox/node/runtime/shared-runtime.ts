import type { ServiceBroker } from "moleculer";
import type { Sequelize } from "sequelize";
import type { Models } from "../../delivery/inbox/handlers/handler.ts";
import { ServiceRuntime } from "./service-runtime.ts";

interface SharedRuntime {
  readonly runtime: ServiceRuntime;
  references: number;
  opening?: Promise<void>;
}

const runtimes = new WeakMap<ServiceBroker, Map<string, SharedRuntime>>();

/** A reference to a shared runtime. The first `open` opens the runtime, the last `release` closes it. */
export interface RuntimeReference<M extends Models> {
  readonly runtime: ServiceRuntime<M>;
  open(): Promise<void>;
  release(): Promise<void>;
}

/** Takes a reference to the runtime of a service, one for each broker and service. The first one makes it. */
export function shareRuntime<M extends Models>(
  broker: ServiceBroker,
  name: string,
  defineModels: (sequelize: Sequelize) => M,
): RuntimeReference<M> {
  const all = runtimes.get(broker) ?? new Map<string, SharedRuntime>();
  runtimes.set(broker, all);
  const shared = all.get(name) ?? { runtime: new ServiceRuntime(broker, name, defineModels), references: 0 };
  all.set(name, shared);
  shared.references += 1;
  return {
    runtime: shared.runtime as unknown as ServiceRuntime<M>,
    open: () => (shared.opening ??= shared.runtime.open()),
    release: async () => {
      shared.references -= 1;
      if (shared.references > 0) return;
      all.delete(name);
      await shared.runtime.close();
    },
  };
}
