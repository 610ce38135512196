import { compareSchemas } from "./compare-schemas.ts";
import type { Contract } from "./contract.ts";

/** One way in which the present contracts break what was released. */
export interface ContractFault {
  readonly subject: string;
  readonly version: number;
  /** What is wrong, and what to do. */
  readonly fault: string;
}

/** Holds the present contracts against the frozen ones. */
export function checkContracts(frozen: readonly Contract[], present: readonly Contract[]): ContractFault[] {
  return frozen.flatMap((contract) =>
    faultsOf(
      contract,
      present.find(({ subject }) => subject === contract.subject),
    ).map((fault) => ({ subject: contract.subject, version: contract.version, fault })),
  );
}

/** The events and versions that are not released yet, which may change in any way. */
export function draftsOf(frozen: readonly Contract[], present: readonly Contract[]): Contract[] {
  return present.filter(
    ({ subject, version }) => !frozen.some((one) => one.subject === subject && one.version === version),
  );
}

function faultsOf(frozen: Contract, present: Contract | undefined): string[] {
  if (!present) return ["is not defined any more; stored events of it could not be handled. Bring its definition back"];
  if (present.version < frozen.version) return [`went back to version ${present.version}; versions only grow`];
  const lost = frozen.targets.filter((target) => !present.targets.includes(target));
  const faults = lost.map((target) => `no longer reaches '${target}'; bring the target back`);
  // An older version lives on in its upcaster, without which the definition does not load.
  if (present.version > frozen.version) return faults;
  if (present.keyed !== frozen.keyed)
    faults.push(
      `${present.keyed ? "has a key now" : "lost its key"}: the order of its events changes. Publish a new event`,
    );
  const breaks = compareSchemas(frozen.schema, present.schema);
  return [
    ...faults,
    ...breaks.map(
      ({ path, change }) =>
        `${path || "the payload"} ${change}; make it version ${frozen.version + 1} with an upcaster from ${frozen.version}`,
    ),
  ];
}
