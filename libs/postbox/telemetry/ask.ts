import { get } from "node:http";

/** An answer of a telemetry server. */
export interface TelemetryAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks a telemetry server: `await ask("http://127.0.0.1:9000/health/ready", 5_000)`. Not by `fetch`, which refuses some
 * eighty ports, 4190 and 6000 among them, whoever listens there.
 *
 * @throws Error where nobody answers within `timeoutMs`.
 */
export function ask(url: string, timeoutMs: number): Promise<TelemetryAnswer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}
