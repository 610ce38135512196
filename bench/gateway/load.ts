import { execFile } from "node:child_process";
import { promisify } from "node:util";
import autocannon from "autocannon";

/** What a server did under load. */
export interface Measured {
  readonly per_second: number;
  readonly p99_ms: number;
}

/** Connections that ask again as soon as they are answered. */
const connections = 50;

const run = promisify(execFile);

/** Asks one address for some seconds: by wrk where there is one, for it takes less of the machine; else autocannon. */
export async function load(url: string, token: string, seconds: number): Promise<Measured> {
  try {
    const options = ["-t1", `-c${connections}`, `-d${seconds}`, "--latency", "-H", `Authorization: Bearer ${token}`];
    return readWrk((await run("wrk", [...options, url])).stdout);
  } catch (error) {
    if (Object(error).code !== "ENOENT") throw error;
    return byAutocannon(url, token, seconds);
  }
}

async function byAutocannon(url: string, token: string, duration: number): Promise<Measured> {
  const result = await autocannon({ url, duration, connections, headers: { authorization: `Bearer ${token}` } });
  if (result.non2xx + result.errors > 0) throw new Error(`${url}: ${result.non2xx + result.errors} requests failed.`);
  return { per_second: Math.round(result.requests.average), p99_ms: result.latency.p99 };
}

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000 };

function readWrk(report: string): Measured {
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(report)?.[1];
  const [, p99, unit = ""] = /99%\s+([\d.]+)(us|ms|s)/.exec(report) ?? [];
  if (rate === undefined || p99 === undefined || /Non-2xx|Socket errors/.test(report)) throw new Error(report);
  return { per_second: Math.round(Number(rate)), p99_ms: Number(p99) * (milliseconds[unit] ?? 1) };
}
