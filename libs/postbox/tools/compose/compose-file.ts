import { edgeService } from "../../core/project/edge-service.ts";
import { projectRoot } from "../../core/project/project-root.ts";
import { databaseVariable, serviceNames } from "../../core/project/service-names.ts";
import { serviceParts } from "../../core/project/service-parts.ts";
import { containerEnvironment, edgePort, required, unlessSet } from "./container-environment.ts";
import { natsPassword, postgresPassword, superuserPassword } from "./passwords.ts";

/** The text of `docker-compose.yml`: the servers, and of each service a container that migrates and one for each part. */
export async function composeFile(): Promise<string> {
  const services = serviceNames();
  const edge = await edgeService(projectRoot());
  const environments = services.map((service) => containerEnvironment(service, service === edge));
  return [
    head,
    ...services.map((service, index) => `x-${service}: &${service}\n${lines(2, environments[index] ?? {})}`),
    container,
    `services:\n${servers(services)}`,
    ...services.flatMap((service) => [
      migration(service),
      ...serviceParts(service).map((part) => partContainer(service, part, part === edge)),
    ]),
    "volumes:\n  postgres:\n  nats:\n",
  ].join("\n");
}

const head = `# Production: a container for each part of a service, all from one image. Made by \`npm run generate\`; do not edit.
# Variables come from .env; see .env.example and deploy/compose.env.example. \`docker compose up --build --detach\`
name: postbox
`;

const container = `x-container: &container
  image: postbox
  build: .
  init: true
  restart: unless-stopped
  stop_grace_period: 30s
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
`;

/** Names and values as lines of YAML. Values are quoted, so that each is a text whatever is in it. */
function lines(indent: number, values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${" ".repeat(indent)}${name}: ${JSON.stringify(value)}\n`)
    .join("");
}

function servers(services: readonly string[]): string {
  const databases = services.flatMap((service) => [
    [databaseVariable(service), unlessSet(databaseVariable(service), service)],
    [postgresPassword(service), required(postgresPassword(service))],
  ]);
  const users = services.map((service) => [natsPassword(service), required(natsPassword(service))]);
  return `  postgres:
    image: postgres:18
    command: ["postgres", "-c", "max_connections=300", "-c", "log_error_verbosity=terse"]
    restart: unless-stopped
    stop_grace_period: 60s
    environment:
${lines(6, { [superuserPassword]: required(superuserPassword), ...Object.fromEntries(databases) })}    volumes:
      - postgres:/var/lib/postgresql
      - ./deploy/postgres:/docker-entrypoint-initdb.d:ro
    healthcheck:
      test: ["CMD", "pg_isready", "--username", "postgres", "--host", "127.0.0.1"]
      interval: 2s
      timeout: 5s
      retries: 30

  nats:
    image: nats:2.11-alpine
    command: ["--config", "/etc/nats/server.conf"]
    restart: unless-stopped
    stop_grace_period: 30s
    environment:
${lines(6, Object.fromEntries(users))}    volumes:
      - nats:/data
      - ./deploy/nats:/etc/nats:ro
    healthcheck:
      test: ["CMD", "wget", "--quiet", "--spider", "http://127.0.0.1:8222/healthz"]
      interval: 2s
      timeout: 5s
      retries: 30
`;
}

const migration = (service: string) => `  ${service}-migrate:
    <<: *container
    restart: on-failure
    command: ["node", "cli/postbox.js", "migrate", "up", "${service}"]
    environment: *${service}
    healthcheck: { disable: true }
    depends_on:
      postgres: { condition: service_healthy }
`;

/** The container of one part: `orders.worker` runs in `orders-worker`, all versions of an API in `orders`. */
function partContainer(service: string, part: string, isEdge: boolean): string {
  const folder = part === service ? `services/${service}/**` : `services/${service}`;
  const ports = isEdge ? `    ports: ["\${PORT:-${edgePort}}:${edgePort}"]\n` : "";
  return `  ${part.replace(".", "-")}:
    <<: *container
    environment: { <<: *${service}, SERVICES: "${folder}/${part}.service.ts" }
    depends_on:
      ${service}-migrate: { condition: service_completed_successfully }
      nats: { condition: service_healthy }
${ports}`;
}
