import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { importsOf } from "../../scripts/imports.ts";

/** A test beside what it tests is no part of the image. */
const imports = importsOf(["moleculer.config.ts", "{cli,libs,migrations,mixins,services}/**/*.ts"]).filter(
  ({ file, erased }) => !erased && !file.endsWith(".test.ts"),
);

test("the image holds every folder that the code in it imports from", () => {
  const held = readFileSync(join(projectRoot(), ".dockerignore"), "utf8").split("\n");
  const needed = imports.filter(({ ofPackage }) => !ofPackage).map(({ target }) => `!${target.split("/")[0]}`);
  expect([...new Set(needed)].filter((line) => !held.includes(line))).toEqual([]);
});

// `postbox migrate make` and the like import theirs when they run, which is on a developer's machine.
test("the code in the image imports no development dependency as it starts", () => {
  const { dependencies } = JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8"));
  const missing = imports
    .filter(({ ofPackage, target, late }) => ofPackage && !late && !isBuiltin(target))
    .filter(({ target }) => !(packageOf(target) in dependencies))
    .map(({ file, target }) => `${file}: ${target}`);
  expect(missing).toEqual([]);
});

test("a container that is given no configuration is one of production, and does not start with known secrets", async () => {
  const dockerfile = readFileSync(join(projectRoot(), "Dockerfile"), "utf8");
  const set = [...dockerfile.matchAll(/^ENV (.+)$/gm)].flatMap(([, assignments = ""]) => [
    ...assignments.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g),
  ]);
  const [program = "", ...args]: string[] = JSON.parse(/^CMD (\[.+\])$/m.exec(dockerfile)?.[1] ?? "[]");
  const { status, stdout, stderr } = spawnSync(join(projectRoot(), program), args, {
    cwd: projectRoot(),
    env: {
      PATH: process.env.PATH,
      ...Object.fromEntries(set.map(([, name, quoted, plain]) => [name, quoted ?? plain])),
    },
    encoding: "utf8",
    // One that does start would not end.
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  expect(status).toBe(1);
  expect(stdout + stderr).toContain("TOKEN_SECRET is left at 'changethis'; outside local it must be set.");
});

/** Ports that `fetch` refuses, whoever listens there. */
const portsRefusedByFetch = [4190, 6000, 6566, 6697, 10080];

async function listenAtOneOf(ports: readonly number[], server: Server): Promise<number> {
  for (const port of ports) {
    const listening = once(server.listen(port, "127.0.0.1"), "listening").then(
      () => true,
      () => false,
    );
    if (await listening) return port;
  }
  throw new Error(`All of the ports ${ports.join(", ")} are taken.`);
}

test("the container is healthy while its process is ready, also at a port that fetch refuses", async () => {
  const dockerfile = readFileSync(join(projectRoot(), "Dockerfile"), "utf8");
  const [program = "", ...args]: string[] = JSON.parse(
    /HEALTHCHECK .*\\\n\s+CMD (\[.+\])$/m.exec(dockerfile)?.[1] ?? "[]",
  );
  let status = 200;
  const server = createServer(({ url }, response) => response.writeHead(url === "/health/ready" ? status : 404).end());
  const port = await listenAtOneOf(portsRefusedByFetch, server);
  const env = { PATH: process.env.PATH, METRICS_PORT: `${port}`, LISTEN_ADDRESS: "0.0.0.0" };
  const exitCode = () =>
    new Promise((resolve) => {
      execFile(program, args, { cwd: projectRoot(), env }, (error) => resolve(error?.code ?? 0));
    });
  expect(await exitCode()).toBe(0);
  status = 503;
  expect(await exitCode()).toBe(1);
  server.close();
  await once(server, "close");
  expect(await exitCode()).toBe(1);
});

function packageOf(target: string): string {
  return target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");
}
