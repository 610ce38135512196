import { expect, test } from "@jest/globals";
import { setup, until } from "postbox/testing";

for (const state of ["is frozen", "is gone"] as const)
  test(`a node whose broker ${state} stops all the same, to the last of it`, async () => {
    await using stack = await setup();
    const { broker, metrics, stop } = await stack.startServices(["users.worker"]);
    await until(async () => (await fetch(`${metrics}/health/ready`)).ok, { what: "it is ready" });
    stack.nats.signal(state === "is frozen" ? "SIGSTOP" : "SIGKILL");
    if (state === "is gone") await stack.nats.ended();
    await stop();
    await expect(fetch(`${metrics}/health/live`)).rejects.toThrow("fetch failed");
    expect(broker.transit).toMatchObject({ tx: { connected: false, client: null } });
    if (state === "is frozen") stack.nats.signal("SIGCONT");
  });
