import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import { setup, type TestStack } from "postbox/testing";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { serviceNames } from "../../libs/postbox/core/project/service-names.ts";
import { inboxPrefix } from "../../libs/postbox/nats/connection/connect.ts";
import { natsPassword } from "../../libs/postbox/tools/compose/passwords.ts";

const password = (service: string) => `secret${service}`;

/** A stack whose nats-server has the users and permissions that the containers have. */
export function setupWithUsers(): Promise<TestStack> {
  const env = Object.fromEntries(serviceNames().map((service) => [natsPassword(service), password(service)]));
  // What is not there yet is asked for again and again.
  return setup({
    env: { RATE_LIMIT_ENABLED: "false" },
    nats: { configuration: { path: join(projectRoot(), "deploy/nats/nats.conf"), env } },
  });
}

/** What makes a process of services one of a user's. */
export const asUser = (user: string) => ({ env: { NATS_USER: user, NATS_PASSWORD: password(user) } });

/** A connection as a service's user. Close it. */
export function connectAs(user: string, { nats: { url } }: TestStack): Promise<NatsConnection> {
  return connect({ servers: url, user, pass: password(user), inboxPrefix: inboxPrefix(user), reconnect: false });
}
