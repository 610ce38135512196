// Adds to package-lock.json the optional platform packages that npm has left out. A registry mirror that lacks a
// platform's package makes `npm install` drop it from the lock file without a word, and `npm ci` then refuses the
// lock file everywhere. Run it after each `npm install`: npm run lock
import { readFile, writeFile } from "node:fs/promises";

interface LockedPackage {
  version?: string;
  dev?: true;
  optional?: true;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const systems = [
  "android",
  "darwin",
  "freebsd",
  "netbsd",
  "openbsd",
  "openharmony",
  "win32",
  "windows",
  "linux",
  "aix",
  "sunos",
];
const processors = ["arm64", "x64", "ia32", "riscv64", "s390x", "loong64", "ppc64", "mips64el", "arm"];

const file = "package-lock.json";
const lock: { packages: Record<string, LockedPackage> } = JSON.parse(await readFile(file, "utf8"));
const added: string[] = [];
for (const { optionalDependencies = {}, dev } of Object.values(lock.packages))
  for (const [name, range] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`;
    const system = systems.find((one) => name.includes(one));
    const processor = processors.find((one) => name.split("-").some((part) => part.startsWith(one)));
    // A range says nothing of the version that was meant; platform packages are pinned by the package they serve.
    if (lock.packages[path] || !system || !processor || !/^\d/.test(range)) continue;
    lock.packages[path] = {
      version: range,
      cpu: [processor],
      ...(dev && { dev }),
      ...(name.includes("musl") && { libc: ["musl"] }),
      ...(system === "linux" && name.includes("gnu") && { libc: ["glibc"] }),
      optional: true,
      os: [system === "windows" ? "win32" : system],
    };
    added.push(name);
  }
const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
await writeFile(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
console.log(added.length > 0 ? `added to ${file}: ${added.join(", ")}` : `${file} names every platform already`);
