import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { freePort, until } from "postbox/testing";
import { parse } from "yaml";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { natsPassword } from "../../libs/postbox/tools/compose/passwords.ts";
import { currentRun } from "../harness/run.ts";

test("the container's nats-server keeps its streams when it is told to read its configuration anew", async () => {
  const folder = await mkdtemp(join(tmpdir(), "postbox-nats-"));
  const monitor = await freePort();
  await cp(join(projectRoot(), "deploy/nats"), folder, { recursive: true });
  const file = join(folder, "server.conf");
  // The container's places, as they are on this machine.
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"/data"', JSON.stringify(join(folder, "data"))).replace("8222", `${monitor}`));
  const compose = parse(await readFile(join(projectRoot(), "docker-compose.yml"), "utf8"));
  const command: readonly string[] = compose.services.nats.command;
  const server = spawn(
    currentRun().natsBinary,
    [...command.map((word) => word.replace("/etc/nats", folder)), "--addr", "127.0.0.1", "--port", "-1"],
    { env: Object.fromEntries(serviceNames().map((service) => [natsPassword(service), "secret"])) },
  );
  const ended = once(server, "exit");
  let said = "";
  server.stderr.on("data", (chunk) => (said += chunk));
  try {
    const store = async () => {
      const answer = await fetch(`http://127.0.0.1:${monitor}/jsz`);
      const { config } = (await answer.json()) as { config?: { store_dir?: string } };
      return config?.store_dir;
    };
    await until(() => store().catch(() => undefined), { what: "JetStream is on" });

    server.kill("SIGHUP");
    await until(() => said.includes("Reloaded server configuration"), { what: "the configuration is read anew" });

    expect(await store()).toBe(join(folder, "data", "jetstream"));
  } finally {
    server.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
});
