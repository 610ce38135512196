import { expect, test } from "@jest/globals";
import { ServiceBroker, Transporters } from "moleculer";
import {
  announceAfter,
  infoGuard,
  moleculerVersion,
  type NodeInfo,
  TransporterWithClient,
} from "./moleculer-internals.ts";

test("Moleculer is the version whose parts were read", () => {
  expect(ServiceBroker.MOLECULER_VERSION).toBe(moleculerVersion);
});

test("Moleculer has a time for which it holds back changes of services, and takes ours", () => {
  const broker = (options = {}) => new ServiceBroker({ logger: false, ...options }).options.transit;
  expect(broker()).toMatchObject({ serviceChangedDebounceTime: 1_000 });
  expect(broker({ transit: announceAfter(50) })).toMatchObject({ serviceChangedDebounceTime: 50 });
});

test("Moleculer's NATS transporter keeps its connection in `client`, and ends it by flush and close", async () => {
  const transporter = new TransporterWithClient({});
  expect(transporter.client).toBeNull();
  const calls: string[] = [];
  const called = (name: string) => async () => void calls.push(name);
  Object.assign(transporter, { client: { flush: called("flush"), close: called("close") } });
  await Transporters.NATS.prototype.disconnect.call(transporter);
  expect(calls).toEqual(["flush", "close"]);
  expect(transporter.client).toBeNull();
});

test("an INFO packet tells sender, instance, services and their actions, and a refused one reaches nobody", async () => {
  const heard: NodeInfo[] = [];
  const node = (nodeID: string, middlewares: object[] = []) =>
    new ServiceBroker({ logger: false, namespace: "internals", transporter: "Fake", nodeID, middlewares });
  const guard = infoGuard("Guard", (info) => {
    heard.push(info);
    return info.sender === "foreign" ? "refused" : undefined;
  });
  const listener = node("listener", [guard]);
  const [friend, foreign] = ["friend", "foreign"].map((id) => {
    const broker = node(id);
    broker.createService({ name: id, version: 1, settings: { face: { prefix: id } }, actions: { see: () => id } });
    return broker;
  });
  const brokers = [listener, friend, foreign].filter((one) => one !== undefined);
  await Promise.all(brokers.map((one) => one.start()));
  await listener.waitForServices("v1.friend");
  expect(heard.find(({ sender }) => sender === "friend")).toMatchObject({
    instanceID: friend?.instanceID,
    services: expect.arrayContaining([
      expect.objectContaining({
        name: "friend",
        settings: { face: { prefix: "friend" } },
        actions: { "v1.friend.see": expect.objectContaining({ name: "v1.friend.see" }) },
      }),
    ]),
  });
  expect(heard.map(({ sender }) => sender)).toContain("foreign");
  expect(listener.registry.actions.isAvailable("v1.foreign.see")).toBe(false);
  await Promise.all(brokers.map((one) => one.stop()));
});
