import { join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import type { Config } from "../../libs/postbox/core/configuration/read.ts";
import { projectRoot } from "../../libs/postbox/core/project/project-root.ts";
import { freePort } from "../../libs/postbox/tools/stack/process/free-port.ts";
import { servicesReady, startServicesProcess } from "../../libs/postbox/tools/stack/services-process.ts";
import { migrateAll } from "../../libs/postbox/tools/stack/stack.ts";
import { hashPassword } from "../../services/auth/passwords/passwords.ts";
import { onGround } from "../ground.ts";
import { median } from "../median.ts";
import type { BenchOptions } from "../run.ts";
import { Client, type Timed } from "./client.ts";
import { offer } from "./offer.ts";

interface Row {
  readonly subject: string;
  readonly value: number;
  readonly unit: string;
}

const users = 100;
const readsPerSecond = 100;
const tries = 300;

/**
 * `npm run bench -- identity [--json] [--seconds 8] [--runs 3]`: what logins do to `GET /users/me`, what a registration
 * costs besides its hash, and whether a wrong password takes as long for a name that nobody bears. Medians of the runs.
 */
export async function main({ json, args }: BenchOptions): Promise<void> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--json"),
    options: { seconds: { type: "string", default: "8" }, runs: { type: "string", default: "3" } },
  });
  const rows = await onGround(0, ({ config }) =>
    withServices(config, (client) => measure(client, Number(values.seconds), Number(values.runs))),
  );
  console.log(json ? JSON.stringify({ bench: "identity", rows }) : tableOf(rows));
}

async function withServices<T>(ground: Config, work: (client: Client) => Promise<T>): Promise<T> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  await migrateAll(ground, say);
  const [PORT, METRICS_PORT] = await Promise.all([freePort(), freePort()]);
  const services = await startServicesProcess({
    home: ground.POSTBOX_HOME,
    name: "services",
    config: { ...ground, PORT, METRICS_PORT, RATE_LIMIT_ENABLED: false },
    services: [join(projectRoot(), "services")],
    env: { LOG_LEVEL: "warn", REQUIRE_USER_VERIFICATION: "false" },
  });
  try {
    await servicesReady(services, `http://127.0.0.1:${METRICS_PORT}`);
    return await work(new Client(`http://127.0.0.1:${PORT}`));
  } finally {
    await services.stop();
  }
}

async function measure(client: Client, seconds: number, runs: number): Promise<Row[]> {
  const [registrations = [], hashes = []] = await inTurn(users, [(n) => client.register(`user${n}`), hashed]);
  await client.register("reader");
  const token = await client.token("reader");
  await offer([{ perSecond: readsPerSecond, request: () => client.me(token) }], 3);

  const found: { subject: string; value: number; unit: string }[] = [];
  for (let run = 0; run < runs; run += 1)
    for (const rate of [20, 200]) {
      let next = 0;
      const login = () => client.login(`user${next++ % users}`);
      const streams = [
        { perSecond: readsPerSecond, request: () => client.me(token) },
        { perSecond: rate, request: login },
      ];
      const [reads = [], logins = []] = await offer(streams, seconds);
      if (reads.some(({ status }) => status !== 200)) throw new Error("A read was not answered with 200.");
      const shed = logins.filter(({ status }) => status === 503).length;
      found.push(
        { subject: `reads at ${rate} logins/s, p50`, value: percentile(reads, 0.5), unit: "ms" },
        { subject: `reads at ${rate} logins/s, p99`, value: percentile(reads, 0.99), unit: "ms" },
        { subject: `shed at ${rate} logins/s`, value: (100 * shed) / logins.length, unit: "%" },
      );
    }
  const wrong = (username: string) => client.login(username, "Wrong#Password1");
  const [known = [], unknown = []] = await inTurn(tries, [() => wrong("reader"), (n) => wrong(`nobody${n}`)]);
  return [
    { subject: "registration, p50", value: percentile(registrations, 0.5), unit: "ms" },
    {
      subject: "registration without its hash, p50",
      value: percentile(registrations, 0.5) - percentile(hashes, 0.5),
      unit: "ms",
    },
    ...medians(found),
    { subject: "wrong password for a user, p50", value: percentile(known, 0.5), unit: "ms" },
    { subject: "wrong password for nobody, p50", value: percentile(unknown, 0.5), unit: "ms" },
  ].map((row) => ({ ...row, value: Math.round(row.value * 100) / 100 }));
}

/** Makes the requests one after the other and by turns, so that a busy moment of the machine falls on all alike. */
async function inTurn(times: number, requests: readonly ((n: number) => Promise<Timed>)[]): Promise<Timed[][]> {
  const answers = requests.map((): Timed[] => []);
  for (let n = 0; n < times; n += 1)
    for (const [index, request] of requests.entries()) answers[index]?.push(await request(n));
  return answers;
}

async function hashed(): Promise<Timed> {
  const began = performance.now();
  await hashPassword("Enchantress#1843");
  return { ms: performance.now() - began, status: 200 };
}

function percentile(answers: readonly Timed[], share: number): number {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function medians(found: readonly Row[]): Row[] {
  const subjects = [...new Set(found.map(({ subject }) => subject))];
  return subjects.map((subject) => {
    const same = found.filter((row) => row.subject === subject);
    return { subject, value: median(same.map(({ value }) => value)), unit: same[0]?.unit ?? "" };
  });
}

function tableOf(rows: readonly Row[]): string {
  const table = new Table({ head: ["subject", "value", "unit"] });
  for (const { subject, value, unit } of rows) table.push([subject, value, unit]);
  return table.toString();
}
