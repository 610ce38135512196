import type { JetStreamManager, NatsConnection } from "nats";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { reasonOf } from "../../libs/postbox/core/errors/reason.ts";
import { redactedUrl } from "../../libs/postbox/core/network/redacted-url.ts";
import { servicesWithWorker } from "../../libs/postbox/core/project/service-parts.ts";
import { natsOptions } from "../../libs/postbox/nats/connection/connect.ts";
import { faultOf, type MailboxFault } from "../../libs/postbox/nats/healing/mailbox-fault.ts";
import { inspect } from "../../libs/postbox/nats/mailbox/inspect.ts";
import { acksOf, type MailboxDefinition, mailboxOf } from "../../libs/postbox/nats/mailbox/mailbox-definition.ts";
import { type Finding, fault, finding, ok, warning } from "./finding.ts";

/** JetStream's consumer calls that Postbox uses came with it. */
const minVersion = [2, 9] as const;

/** The server, and the streams and consumers on it. */
export async function checkNats(config: Config): Promise<Finding[]> {
  const { connect } = await import("nats");
  let connection: NatsConnection | undefined;
  const mend = "Start it, or mend NATS_URL, NATS_USER and NATS_PASSWORD.";
  const reached = await finding("nats", mend, async () => {
    const options = { ...natsOptions(config), waitOnFirstConnect: false, reconnect: false, timeout: 5_000 };
    connection = await connect(options).catch((error) => {
      const user = config.NATS_USER === undefined ? "" : ` as '${config.NATS_USER}'`;
      throw new Error(`${redactedUrl(config.NATS_URL ?? "")} cannot be reached${user} (${reasonOf(error)})`);
    });
    return server(connection);
  });
  if (!connection) return [reached];
  try {
    const manager = await connection.jetstreamManager({ checkAPI: false });
    const definitions = servicesWithWorker().flatMap((service) => [mailboxOf(service), acksOf(service)]);
    return [reached, ...(await Promise.all(definitions.map((definition) => checkStream(manager, definition))))];
  } finally {
    await connection.close();
  }
}

function server({ info }: NatsConnection): Finding {
  const found = `NATS ${info?.version}, payloads up to ${info?.max_payload} bytes, JetStream ${info?.jetstream ? "on" : "off"}`;
  const [major = 0, minor = 0] = (info?.version ?? "").split(".").map(Number);
  if (major < minVersion[0] || (major === minVersion[0] && minor < minVersion[1]))
    return fault("nats", found, `Version ${minVersion.join(".")} or newer is needed.`);
  return info?.jetstream ? ok("nats", found) : fault("nats", found, "Start nats-server with --jetstream.");
}

function checkStream(manager: JetStreamManager, definition: MailboxDefinition): Promise<Finding> {
  const check = `stream ${definition.stream.name}`;
  return finding(check, remedy, async () => {
    const inspection = await inspect(manager, definition);
    const wrong = faultOf(definition, inspection);
    // Before its service has run once, there is none.
    if (wrong === "stream-missing") return warning(check, findings[wrong], remedy);
    if (wrong) return fault(check, findings[wrong], remedy);
    const { num_pending: pending = 0, num_ack_pending: underWay = 0 } = inspection.consumer ?? {};
    return ok(check, `${pending + underWay} messages wait`);
  });
}

const remedy = "Start the worker of its service, which makes and mends it.";

const findings: Record<MailboxFault, string> = {
  "stream-missing": "there is no such stream",
  "consumer-missing": "its consumer is missing",
  outdated: "its figures (duplicate_window, ack_wait, max_ack_pending) are another release's",
  misconfigured: "it is not configured as this release needs it",
  "stream-behind-consumer": "it went backwards: its consumer has delivered more than it holds",
  "message-below-ack-floor": "it went backwards: it holds what its consumer takes for done",
};
