import { ownUrl } from "../libs/postbox/core/configuration/listen-address.ts";
import { ask } from "../libs/postbox/telemetry/ask.ts";

// The health check of a container. It reads three files only, because it runs every ten seconds.

const answerWithinMs = 4_000;

const { LISTEN_ADDRESS, METRICS_PORT } = process.env;
const own = ownUrl(
  { ENVIRONMENT: "production", LISTEN_ADDRESS: LISTEN_ADDRESS || undefined },
  Number(METRICS_PORT || 9000),
);
try {
  const { status, body } = await ask(`${own}/health/ready`, answerWithinMs);
  console.log(body);
  process.exitCode = status === 200 ? 0 : 1;
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
