import { dirname } from "node:path";
import { serviceNames } from "../libs/postbox/core/project/service-names.ts";
import type { Import } from "./imports.ts";

/** The floors of the runtime, from the lowest up. A file imports from its own floor and from those below it. */
export const runtimeFloors = ["core", "postgres", "nats", "telemetry", "delivery", "edge", "node", "tools"] as const;

const runtime = "libs/postbox/";

/**
 * The folders with tests of behaviour: one for each service, and those of what the runtime does for all. A test of the
 * runtime's own parts stands beside them.
 */
const behaviour = (): string[] =>
  [...serviceNames(), "operations", "jobs", "database", "delivery/faults"].map((folder) => `test/${folder}/`);

/** The files of those folders that take a part of the runtime all the same. */
const excepted: readonly string[] = [
  // Sends lost events again at a pace of its own: tests would wait for minutes at the pace of a scheduler.
  "test/delivery/faults/deployment.ts",
];

/** Whose a file is. */
type Part =
  | { readonly of: "runtime"; readonly floor: number }
  | { readonly of: "mixins" | "tooling" | "test" }
  | { readonly of: "contract" | "service" | "migration"; readonly service: string };

/**
 * What is wrong with the imports of a project, a sentence each; none if all is well.
 *
 * 1. Inside the runtime imports run downwards: `core`, `postgres`, `nats`, `telemetry`, `delivery`, `edge`, `node`, `tools`.
 * 2. No folder of the runtime or of the contracts imports itself by way of others, and no file does.
 * 3. What a team owns (services, contracts, migrations) knows the runtime by its entrances alone: `postbox`,
 *    `postbox/schema` and the others. A contract takes `postbox/schema` only.
 * 4. A service knows another one by its contracts in `libs/<service>/`.
 * 5. A test of behaviour knows the runtime by its entrances too: what it holds then stays true however the runtime is built.
 */
export function importFaults(imports: readonly Import[]): string[] {
  const own = imports.filter(({ ofPackage }) => !ofPackage);
  return [
    ...imports.map(entranceFault).filter((one) => one !== undefined),
    ...own.map(directionFault).filter((one) => one !== undefined),
    ...cycles(own, ({ file }) => file).map((cycle) => `These files import one another: ${cycle}.`),
    ...cycles(own.filter(isLayered), ({ file }) => dirname(file)).map(
      (cycle) => `These folders import one another: ${cycle}.`,
    ),
  ];
}

function isLayered({ file, target }: Import): boolean {
  return [file, target].every((path) => path.startsWith("libs/") || path.startsWith("mixins/"));
}

function partOf(path: string): Part {
  const [first = "", second = "", third = ""] = path.split("/");
  if (path.startsWith(runtime))
    // The entrances stand above all floors.
    return { of: "runtime", floor: third.endsWith(".ts") ? runtimeFloors.length : floorOf(third) };
  if (first === "libs") return { of: "contract", service: second };
  if (first === "services") return { of: "service", service: second };
  if (first === "migrations") return { of: "migration", service: second };
  if (first === "mixins" || first === "test") return { of: first };
  return { of: "tooling" };
}

const floors: readonly string[] = runtimeFloors;
const floorOf = (name: string): number => floors.indexOf(name);

function directionFault({ file, target, entrance }: Import): string | undefined {
  if (entrance !== undefined) return undefined;
  const from = partOf(file);
  const to = partOf(target);
  if (from.of === "runtime") {
    if (to.of !== "runtime") return `${file} imports ${target}; the runtime imports nothing that stands above it.`;
    if (to.floor > from.floor)
      return `${file} imports ${target}; imports run downwards: ${[...runtimeFloors].reverse().join(", ")}.`;
    return undefined;
  }
  if (from.of === "mixins")
    return to.of === "runtime" || to.of === "mixins"
      ? undefined
      : `${file} imports ${target}; a mixin imports the runtime alone.`;
  if (from.of === "test")
    return (to.of === "runtime" || to.of === "mixins") &&
      behaviour().some((folder) => file.startsWith(folder)) &&
      !excepted.includes(file)
      ? `${file} imports ${target}; a test of behaviour takes it from an entrance: 'postbox', 'postbox/mixins' or 'postbox/testing'.`
      : undefined;
  if (from.of !== "contract" && from.of !== "service" && from.of !== "migration") return undefined;
  if (to.of === "contract") return undefined;
  if (to.of === from.of && to.service === from.service) return undefined;
  if (to.of === "service")
    return `${file} imports ${target}; a service is known by its contracts alone, which are in libs/${to.service}.`;
  return `${file} imports ${target}; take it from an entrance: 'postbox', 'postbox/schema', 'postbox/mixins' or 'postbox/migrations'.`;
}

function entranceFault({ file, entrance }: Import): string | undefined {
  if (entrance === undefined) return undefined;
  const { of } = partOf(file);
  if (of === "runtime" || of === "mixins")
    return `${file} imports '${entrance}'; the runtime does not go through its own entrance.`;
  if (of === "contract" && entrance !== "postbox/schema")
    return `${file} imports '${entrance}'; a contract takes 'postbox/schema' alone, so that it can be read without the runtime.`;
  return undefined;
}

/** The cycles in a graph of imports, each as `a -> b -> a`; one for each knot. */
function cycles(imports: readonly Import[], nodeOf: (one: { file: string }) => string): string[] {
  const edges = new Map<string, Set<string>>();
  for (const { file, target } of imports) {
    const from = nodeOf({ file });
    const to = nodeOf({ file: target });
    if (from === to) continue;
    const known = edges.get(from);
    if (known) known.add(to);
    else edges.set(from, new Set([to]));
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      found.push([...path.slice(at), node].join(" -> "));
      return;
    }
    if (done.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return found;
}
