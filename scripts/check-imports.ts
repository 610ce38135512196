import { globSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { projectRoot } from "../libs/stack/places.ts";

/**
 * Imports run one way: services, then mixins, then libs; and a service never imports another, only its contracts in
 * libs. Biome holds the first rule inside an editor; this one knows whose folder a path ends in.
 */
const floors = ["libs", "mixins", "services"] as const;
type Floor = (typeof floors)[number];

const imports = /(?:\bfrom\s*|\bimport\s*\(?\s*)["'](\.[^"']+)["']/g;

function faultsOf(file: string): string[] {
  const own = place(file);
  const targets = [...readFileSync(resolve(projectRoot, file), "utf8").matchAll(imports)].map(([, target]) => target);
  return targets.flatMap((target = "") => {
    const path = relative(projectRoot, resolve(projectRoot, file, "..", target));
    const there = place(path);
    if (!own) return [];
    if (!there) return [`${file} imports ${path}; ${own.floor} may import only ${reach(own.floor)}.`];
    if (floors.indexOf(there.floor) > floors.indexOf(own.floor))
      return [`${file} imports ${path}; imports run one way: services, then mixins, then libs.`];
    if (there.floor === "services" && there.room !== own.room)
      return [`${file} imports ${path}; a service imports only another's contracts, which are in libs/${there.room}.`];
    return [];
  });
}

function place(path: string): { floor: Floor; room: string } | undefined {
  const [first, room = ""] = path.split("/");
  const floor = floors.find((one) => one === first);
  return floor && { floor, room };
}

function reach(floor: Floor): string {
  return floors.slice(0, floors.indexOf(floor) + 1).join(", ");
}

const files = globSync(
  floors.map((floor) => `${floor}/**/*.ts`),
  { cwd: projectRoot },
);
const faults = files.flatMap(faultsOf);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exitCode = 1;
}
