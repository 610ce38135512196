import { globSync, readFileSync } from "node:fs";
import { join, normalize, relative, resolve } from "node:path";
import { parseSync } from "@swc/core";
import { projectRoot } from "../libs/postbox/core/project/project-root.ts";

/** One import of a file: of another file of the project, or of a package. */
export interface Import {
  /** The importing file, from the clone's folder. */
  readonly file: string;
  /** The imported file from the clone's folder, or the package's name with what follows it. */
  readonly target: string;
  readonly ofPackage: boolean;
  /** Taken from an entrance of this package, by its name: `postbox/schema`. `target` is the file behind it. */
  readonly entrance?: string;
  /** True: of types alone, erased before anything runs. */
  readonly erased: boolean;
  /** True: by `import()`, when and if it comes to that. */
  readonly late: boolean;
}

/** Every import of the files that match, dynamic ones too. The files are parsed, so that no text is taken for an import. */
export function importsOf(patterns: string[]): Import[] {
  const entrances = ownEntrances();
  return globSync(patterns, { cwd: projectRoot() }).flatMap((file) => {
    const found: Import[] = [];
    const module: unknown = parseSync(readFileSync(join(projectRoot(), file), "utf8"), {
      syntax: "typescript",
      target: "es2024",
    });
    collect(module, (source, { erased = false, late = false }) => {
      const behind = entrances.get(source);
      const ofPackage = behind === undefined && !source.startsWith(".");
      const target =
        behind ?? (ofPackage ? source : relative(projectRoot(), resolve(projectRoot(), file, "..", source)));
      found.push({ file, target, ofPackage, erased, late, ...(behind !== undefined && { entrance: source }) });
    });
    return found;
  });
}

/** The entrances of this package, as `exports` of its package.json names them: `postbox/schema` and its file. */
function ownEntrances(): Map<string, string> {
  const { name, exports }: { name: string; exports: Record<string, string> } = JSON.parse(
    readFileSync(join(projectRoot(), "package.json"), "utf8"),
  );
  return new Map(Object.entries(exports).map(([path, file]) => [join(name, path), normalize(file)]));
}

/** The parts of swc's syntax tree that name a module. */
interface Node {
  readonly type?: string;
  readonly typeOnly?: boolean;
  readonly source?: { readonly value: string } | null;
  readonly callee?: Node;
  readonly arguments?: readonly { readonly expression: { readonly type: string; readonly value?: unknown } }[];
}

function collect(value: unknown, found: (source: string, how: { erased?: boolean; late?: boolean }) => void): void {
  if (typeof value !== "object" || value === null) return;
  const { source, typeOnly = false, callee, arguments: given }: Node = value;
  if (source) found(source.value, { erased: typeOnly });
  const dynamic = callee?.type === "Import" ? given?.[0]?.expression.value : undefined;
  if (typeof dynamic === "string") found(dynamic, { late: true });
  for (const part of Object.values(value)) collect(part, found);
}
