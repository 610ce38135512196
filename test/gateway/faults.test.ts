import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import type { ServiceBroker } from "moleculer";
import { setup, type TestStack, until } from "postbox/testing";
import { hangMs, Load } from "./load.ts";

// Faults last for seconds each, and processes start: a test takes half a minute on a busy machine.
jest.setTimeout(180_000);

let stack: TestStack;
beforeEach(async () => {
  stack = await setup({ env: { RATE_LIMIT_ENABLED: "false" } });
});
afterEach(() => stack.stop());

/** How many instances have a service's actions, as a gateway sees it. */
function instances(broker: ServiceBroker, service: string): number {
  const actions: { name: string; endpoints?: unknown[] }[] = broker.registry.getActionList({ withEndpoints: true });
  return actions.find(({ name }) => name === `v1.${service}.utils.health`)?.endpoints?.length ?? 0;
}

test("rolling restarts of a service under load, through two gateways, fail no request", async () => {
  const gateways = await Promise.all([stack.startServices(["gateway"]), stack.startServices(["gateway"])]);
  const seen = (count: number) => gateways.every(({ broker }) => instances(broker, "emails") === count);
  let running = await stack.spawnServices(["emails"]);
  await until(() => seen(1));

  await using load = new Load(4, (n, signal) => fetch(`${gateways[n % 2]?.gateway}/emails/utils/health`, { signal }));
  for (let restart = 0; restart < 4; restart += 1) {
    const next = await stack.spawnServices(["emails"]);
    await until(() => seen(2), { what: "both gateways see both instances" });
    await running.stop();
    expect(await running.ended).toBe("exit code 0");
    await until(() => seen(1), { what: "the old instance is gone" });
    await load.more(20, 200);
    running = next;
  }
  await load.end();
  expect({ answered: load.count(200), all: load.total }).toEqual({ answered: load.total, all: load.total });
});

test("a restart of one of two gateways under load fails no request of a balancer that watches which one is ready", async () => {
  const emails = await stack.startServices(["emails"]);
  const env = { DRAIN_MS: "3000" };
  const doors = [await stack.spawnServices(["gateway"], { env }), await stack.spawnServices(["gateway"], { env })];
  const [first] = doors;
  const healthOf = (door: string, signal: AbortSignal) => fetch(`${door}/emails/utils/health`, { signal });
  const signal = AbortSignal.timeout(hangMs);
  for (const { gateway } of doors) await until(async () => (await healthOf(gateway, signal)).ok);

  let ready = doors;
  const isReady = ({ metrics }: (typeof doors)[number]) =>
    fetch(`${metrics}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  const watch = setInterval(async () => {
    const answers = await Promise.all(doors.map(isReady));
    ready = doors.filter((_, n) => answers[n]);
  }, 100);
  await using load = new Load(4, (n, signal) => healthOf(ready[n % ready.length]?.gateway ?? "", signal));
  await load.more(40, 200);
  await first?.stop();
  expect(await first?.ended).toBe("exit code 0");
  await load.more(40, 200);
  await load.end();
  clearInterval(watch);
  expect({ answered: load.count(200), all: load.total }).toEqual({ answered: load.total, all: load.total });
  await emails.stop();
});

test("while NATS is away calls fail and none hangs; when it is back, all is as before within 10 s", async () => {
  const [{ gateway, broker }] = await Promise.all([stack.startServices(["gateway"]), stack.spawnServices(["emails"])]);
  const health = (_: number, signal?: AbortSignal) =>
    fetch(`${gateway}/emails/utils/health`, { ...(signal && { signal }) });
  await until(async () => (await health(0)).ok);
  await using load = new Load(8, health);
  await load.more(50, 200);

  stack.nats.signal("SIGKILL");
  await stack.nats.ended();
  await until(() => instances(broker, "emails") === 0, { deadlineMs: hangMs, what: "the service is given up" });
  await load.more(50, 503);
  expect((await fetch(`${gateway}/gateway/utils/health`)).status).toBe(200);
  await stack.nats.start();
  await until(async () => (await health(0)).ok, { what: "the service is reached again" });

  await load.more(50, 200);
  await load.end();
  expect(load.count("hung")).toBe(0);
  expect(load.count(200) + load.count(503) + load.count(504)).toBe(load.total);
});

test("while one of two instances is frozen, requests that only read are all answered", async () => {
  const { gateway, broker } = await stack.startServices(["gateway"]);
  const [frozen] = await Promise.all([stack.spawnServices(["auth"]), stack.spawnServices(["auth"])]);
  await until(() => instances(broker, "auth") === 2);
  frozen.signal("SIGSTOP");
  await using load = new Load(8, (_, signal) => fetch(`${gateway}/auth/utils/health`, { signal }));
  await until(() => instances(broker, "auth") === 1, { deadlineMs: hangMs, what: "the frozen one is left out" });
  await load.more(200, 200);
  await load.end();
  frozen.signal("SIGCONT");
  expect(load.count(200)).toBe(load.total);
});

test("while one of two instances is frozen, under 5% of what changes something fails, and nothing hangs", async () => {
  const { gateway, broker } = await stack.startServices(["gateway"]);
  const [frozen] = await Promise.all([stack.spawnServices(["auth"]), stack.spawnServices(["auth"])]);
  await until(() => instances(broker, "auth") === 2);
  await using load = new Load(8, (_, signal) =>
    fetch(`${gateway}/auth/password/forgot?username_email=nobody`, { method: "POST", signal }),
  );
  await load.more(100, 200);
  frozen.signal("SIGSTOP");
  await until(() => instances(broker, "auth") === 1, { deadlineMs: hangMs, what: "the frozen one is left out" });
  await load.more(400, 200);
  await load.end();
  frozen.signal("SIGCONT");
  expect(load.count("hung")).toBe(0);
  expect((load.total - load.count(200)) / load.total).toBeLessThan(0.05);
});
