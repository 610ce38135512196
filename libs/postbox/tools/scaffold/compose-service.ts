/** What the containers of a service have in common, for the head of `docker-compose.yml`. */
export function composeBlock(name: string, upper: string): string {
  return `x-${name}: &${name}
  <<: *environment
  POSTGRES_USER: ${name}
  POSTGRES_PASSWORD: \${${upper}_POSTGRES_PASSWORD:?}
  ${upper}_DATABASE: \${${upper}_DATABASE:-${name}}
  NATS_USER: ${name}
  NATS_PASSWORD: \${${upper}_NATS_PASSWORD:?}

`;
}

/** The containers of a service: one that migrates, and one for each of its parts. */
export function composeContainers(name: string): string {
  const migration = `  ${name}-migrate:
    <<: *migration
    command: ["node", "cli/postbox.js", "migrate", "up", "${name}"]
    environment: *${name}

`;
  return migration + [name, `${name}.worker`, `${name}.scheduler`].map((part) => composeContainer(name, part)).join("");
}

/** The container of one part: `orders.worker` runs in `orders-worker`, all versions of the API in `orders`. */
function composeContainer(name: string, part: string): string {
  const folder = part === name ? `services/${name}/**` : `services/${name}`;
  return `  ${part.replace(".", "-")}:
    <<: *container
    environment: { <<: *${name}, SERVICES: "${folder}/${part}.service.ts" }
    depends_on:
      ${name}-migrate: { condition: service_completed_successfully }
      nats: { condition: service_healthy }

`;
}
