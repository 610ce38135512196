import { isLimits } from "../limits/rate-limit.ts";
import { isAddress, isHeaderName, isNetwork, isOrigin } from "../network/addresses.ts";
import { placeholder } from "./placeholder.ts";
import { checkedText, flag, integer, list, oneOf, optional, port, secret, text, url } from "./variable.ts";

export const environments = ["local", "staging", "production"] as const;

/** The variables of the runtime itself, by topic. Those of a service stand in its `variables.ts`. */
export const runtimeVariables = {
  general: {
    ENVIRONMENT: oneOf(environments, {
      purpose: "Where this runs. `local` and `staging` serve documents and may run tests; `production` does neither.",
      default: "local",
    }),
    LOG_LEVEL: oneOf(["fatal", "error", "warn", "info", "debug", "trace"], {
      purpose: "The least severe log line that is written.",
      default: "info",
    }),
    POSTBOX_HOME: text({ purpose: "Folder in which the embedded stack keeps its data.", default: ".postbox" }),
  },
  ports: {
    PORT: port({ purpose: "Port of the gateway.", default: "3000" }),
    METRICS_PORT: port({ purpose: "Port of /metrics, /health/live and /health/ready.", default: "9000" }),
    LISTEN_ADDRESS: optional(
      checkedText(isAddress, "an address of this machine, or `0.0.0.0` or `::` for all", {
        purpose:
          "Address on which PORT and METRICS_PORT are served. Unset: 127.0.0.1 in local, all addresses elsewhere.",
      }),
    ),
  },
  postgres: {
    POSTGRES_HOST: optional(text({ purpose: "Host of the Postgres server. Unset: the embedded one is started." })),
    POSTGRES_PORT: port({ purpose: "Port of the Postgres server.", default: "5432" }),
    POSTGRES_USER: text({ purpose: "User of the Postgres server.", default: "postgres" }),
    POSTGRES_PASSWORD: secret({ purpose: "Password of the Postgres user.", default: placeholder }),
    DATABASE_POOL_SIZE: integer({
      purpose:
        "Connections that one service keeps to its database, per process. Handlers that are `external` hold half of them at most, and never more than five, while they wait for others.",
      default: "10",
      min: 4,
      max: 200,
    }),
    DATABASE_ACQUIRE_MS: integer({
      purpose:
        "How long a request waits for a connection while all that requests may use are taken, in milliseconds. Then it is answered 503.",
      default: "4000",
      min: 100,
      max: 60_000,
    }),
    DATABASE_CONNECTION_AGE_MS: integer({
      purpose:
        "How long a connection is used, in milliseconds, give or take a tenth. Then it is closed as soon as nothing runs on it, and a new one is opened.",
      default: "1800000",
      min: 1_000,
      max: 86_400_000,
    }),
    TRANSACTION_IDLE_MS: integer({
      purpose:
        "How long an open transaction may send nothing before Postgres ends it and frees its locks, in milliseconds. An action that waits for something else meanwhile fails with `transaction-idle`.",
      default: "30000",
      min: 1_000,
      max: 600_000,
    }),
    REQUEST_STATEMENT_TIMEOUT_MS: integer({
      purpose:
        "How long one statement of a request, and any statement outside a transaction may take, in milliseconds. 0: without a limit.",
      default: "9000",
      min: 0,
      max: 3_600_000,
    }),
    REQUEST_LOCK_TIMEOUT_MS: integer({
      purpose:
        "How long one statement of a request, and any statement outside a transaction may wait for a lock, in milliseconds. 0: without a limit.",
      default: "3000",
      min: 0,
      max: 3_600_000,
    }),
    BATCH_STATEMENT_TIMEOUT_MS: integer({
      purpose:
        "How long one statement of a batch of events or one event may take, in milliseconds. 0: without a limit.",
      default: "60000",
      min: 0,
      max: 3_600_000,
    }),
    BATCH_LOCK_TIMEOUT_MS: integer({
      purpose:
        "How long one statement of a batch of events or one event may wait for a lock, in milliseconds. 0: without a limit.",
      default: "30000",
      min: 0,
      max: 3_600_000,
    }),
    RELAY_STATEMENT_TIMEOUT_MS: integer({
      purpose:
        "How long one statement of what publishes and acknowledges events and claims runs of jobs may take, in milliseconds. 0: without a limit.",
      default: "30000",
      min: 0,
      max: 3_600_000,
    }),
    RELAY_LOCK_TIMEOUT_MS: integer({
      purpose:
        "How long one statement of what publishes and acknowledges events and claims runs of jobs may wait for a lock, in milliseconds. 0: without a limit.",
      default: "10000",
      min: 0,
      max: 3_600_000,
    }),
    JOB_STATEMENT_TIMEOUT_MS: integer({
      purpose: "How long one statement of a job's transaction may take, in milliseconds. 0: without a limit.",
      default: "0",
      min: 0,
      max: 3_600_000,
    }),
    JOB_LOCK_TIMEOUT_MS: integer({
      purpose:
        "How long one statement of a job's transaction may wait for a lock, in milliseconds. 0: without a limit.",
      default: "60000",
      min: 0,
      max: 3_600_000,
    }),
    MIGRATION_STATEMENT_TIMEOUT_MS: integer({
      purpose: "How long one statement of a migration may take, in milliseconds. 0: without a limit.",
      default: "0",
      min: 0,
      max: 3_600_000,
    }),
    MIGRATION_LOCK_TIMEOUT_MS: integer({
      purpose: "How long one statement of a migration may wait for a lock, in milliseconds. 0: without a limit.",
      default: "2000",
      min: 0,
      max: 3_600_000,
    }),
  },
  nats: {
    NATS_URL: optional({
      ...url(["nats:", "tls:"], {
        purpose: "Address of the NATS server; `tls:` refuses one without TLS. Unset: an embedded one is started.",
      }),
      secret: true,
    }),
    NATS_USER: optional(text({ purpose: "NATS user of this container; each service has its own." })),
    NATS_PASSWORD: optional(secret({ purpose: "Password of the NATS user." })),
    ACK_WAIT_MS: integer({
      purpose:
        "How long a worker may be silent before the broker gives its messages to another, in milliseconds. The same for all containers.",
      default: "30000",
      min: 1_000,
      max: 600_000,
    }),
    NATS_SERVER_BIN: optional(text({ purpose: "Path of the nats-server to run as the embedded one." })),
  },
  edge: {
    PUBLIC_URL: optional({
      ...url(["http:", "https:"], {
        purpose:
          "Public address of the installation, as people reach it. Links in mails begin with it, and with `https:` cookies are bound to its host outside local. Unset: localhost, in local only.",
      }),
      requiredInProduction: true,
    }),
    CORS_ORIGINS: list(isOrigin, "origins such as `https://app.example.com`", {
      purpose: "Origins whose pages may call the gateway, with credentials; matched exactly. Unset: none.",
    }),
    CORS_HEADERS: list(isHeaderName, "names of headers", {
      purpose:
        "Headers that those pages may send beside Authorization, Content-Type, Idempotency-Key and X-Request-ID. The gateway ignores them; tracing in the browser adds them by itself.",
      default: "traceparent,tracestate,baggage,sentry-trace,x-requested-with",
    }),
    TRUSTED_PROXIES: list(isNetwork, "addresses or networks such as `10.0.0.0/8`", {
      purpose:
        "Proxies before the gateway, whose X-Forwarded-For is believed, or Forwarded where there is none. Unset: none.",
    }),
    DRAIN_MS: optional(
      integer({
        purpose:
          "How long a gateway that was told to stop still takes connections, in milliseconds: until the load balancer has seen that it is not ready. With 15 s more for its requests a stop must end within the container's grace. Unset: 0 in local, 5000 elsewhere.",
        min: 0,
        max: 15_000,
      }),
    ),
    ACCESS_LOG: flag({
      purpose: "Whether the gateway writes a line for each request, without query strings, to standard output.",
      default: "false",
    }),
  },
  security: {
    TOKEN_SECRET: secret({
      purpose: "Key that access tokens are signed with (HS256). 32 bytes at least outside local.",
      default: placeholder,
    }),
    TOKEN_SECRET_SECOND: optional(
      secret({
        purpose:
          "A second key, whose tokens are taken too while TOKEN_SECRET is changed: the last one, or the next one. 32 bytes at least outside local.",
      }),
    ),
    RATE_LIMIT_ENABLED: flag({
      purpose: "Whether requests and wrong passwords are limited. Must stay on in production.",
      default: "true",
    }),
    RATE_LIMIT_REFUSED: checkedText(isLimits, "limits such as `600/minute,6000/hour`", {
      purpose:
        "How many requests of one address may fail for want of a valid token or because there is nothing at their path, where the action has no limit of its own. Further ones are answered 429; requests that succeed are never counted.",
      default: "600/minute,6000/hour",
    }),
  },
} as const;
