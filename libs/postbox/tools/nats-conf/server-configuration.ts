import { namespace } from "../../core/configuration/namespace.ts";
import { serviceNames } from "../../core/project/service-names.ts";
import { inboxPrefix } from "../../nats/connection/connect.ts";
import { ackStream, ackSubject, durable, mailboxStream } from "../../nats/mailbox/names.ts";
import { natsPassword } from "../compose/passwords.ts";

/** Subjects of Moleculer's transporter that every node listens to. */
const toAll = ["DISCONNECT", "DISCOVER", "HEARTBEAT", "INFO", "PING"].map((kind) => `MOL-${namespace}.${kind}`);

/**
 * The text of `deploy/nats/nats.conf`: the users of a shared nats-server and what each may do.
 *
 * All containers of a service are one user. Only that user publishes and acknowledges in the service's name, reads its
 * mailbox, hears the calls of its actions and the answers to its own calls. Whom a node may call is not limited here: the
 * token decides.
 *
 * A service may make and mend its own streams, since it must when the broker has lost them. Whoever has its password
 * could make a consumer there that pushes to a foreign subject. To rule that out, let an administrator create the streams,
 * and take `STREAM.CREATE`, `STREAM.UPDATE` and `CONSUMER` off the list.
 */
export function serverConfiguration(): string {
  const users = serviceNames().map((service) => {
    const permissions = { publish: { allow: publishes(service) }, subscribe: { allow: subscribes(service) } };
    return `    {
      user: ${service}
      password: $${natsPassword(service)}
      permissions: ${JSON.stringify(permissions, null, 2).replaceAll("\n", "\n      ")}
    }`;
  });
  return `# Users and permissions of the nats-server. Made by \`npm run generate\`; do not edit.
authorization {
  users: [
${users.join("\n")}
  ]
}
`;
}

function publishes(service: string): string[] {
  const streams = [mailboxStream(service), ackStream(service)];
  return [
    `MOL-${namespace}.>`,
    // Target by target: `*.orders.>` would take in `ack.orders.bills`, an acknowledgement in the name of 'bills'.
    ...serviceNames().map((target) => `${target}.${service}.>`),
    ackSubject("*", service),
    "$JS.API.STREAM.INFO.*",
    "$JS.API.CONSUMER.INFO.*.*",
    ...streams.flatMap((stream) => [
      `$JS.API.STREAM.CREATE.${stream}`,
      `$JS.API.STREAM.UPDATE.${stream}`,
      `$JS.API.CONSUMER.CREATE.${stream}.>`,
      `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
      `$JS.API.CONSUMER.DELETE.${stream}.${durable}`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
      `$JS.ACK.${stream}.${durable}.>`,
    ]),
  ];
}

function subscribes(service: string): string[] {
  return [...toAll, `MOL-${namespace}.*.${service}.*`, `${inboxPrefix(service)}.>`];
}
