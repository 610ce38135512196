import { type Import, importsOf } from "./imports.ts";

/**
 * Imports run one way: services, then mixins, then libs; and a service never imports another, only its contracts in
 * libs. Biome holds the first rule inside an editor; this one knows whose folder a path ends in.
 */
const floors = ["libs", "mixins", "services"] as const;
type Floor = (typeof floors)[number];

function fault({ file, target }: Import): string | undefined {
  const own = place(file);
  const there = place(target);
  if (!own) return undefined;
  if (!there) return `${file} imports ${target}; ${own.floor} may import only ${reach(own.floor)}.`;
  if (floors.indexOf(there.floor) > floors.indexOf(own.floor))
    return `${file} imports ${target}; imports run one way: services, then mixins, then libs.`;
  if (there.floor === "services" && there.room !== own.room)
    return `${file} imports ${target}; a service imports only another's contracts, which are in libs/${there.room}.`;
  return undefined;
}

function place(path: string): { floor: Floor; room: string } | undefined {
  const [first, room = ""] = path.split("/");
  const floor = floors.find((one) => one === first);
  return floor && { floor, room };
}

function reach(floor: Floor): string {
  return floors.slice(0, floors.indexOf(floor) + 1).join(", ");
}

const imports = importsOf(floors.map((floor) => `${floor}/**/*.ts`)).filter(({ ofPackage }) => !ofPackage);
const faults = imports.map(fault).filter((one) => one !== undefined);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exitCode = 1;
}
