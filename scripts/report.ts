import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import coverage from "istanbul-lib-coverage";
import { createContext } from "istanbul-lib-report";
import { create } from "istanbul-reports";
import { projectRoot } from "../libs/postbox/core/project/project-root.ts";

/**
 * Turns what jest wrote into the coverage of each service, `coverage/<service>/index.html`, and one line with the
 * tally. Takes the service that was tested; without one, all were.
 */
const folder = join(projectRoot(), "coverage");
const [tested] = process.argv.slice(2);

interface JestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly coverageMap: coverage.CoverageMapData;
}

function writeCoverage(service: string, map: coverage.CoverageMap): void {
  const own = [join("services", service, "/"), join("libs", service, "/")];
  const part = coverage.createCoverageMap({});
  for (const file of map.files())
    if (own.some((prefix) => relative(projectRoot(), file).startsWith(prefix)))
      part.addFileCoverage(map.fileCoverageFor(file));
  create("html").execute(createContext({ dir: join(folder, service), coverageMap: part }));
  const { lines } = part.getCoverageSummary();
  console.log(`coverage of ${service}: ${lines.pct}% of lines, see coverage/${service}/index.html`);
}

const written = join(folder, `${tested ?? "all"}.json`);
if (!existsSync(written)) throw new Error("jest ended before it wrote a result.");
const result: JestResult = JSON.parse(readFileSync(written, "utf8"));
const services = tested ? [tested] : readdirSync(join(projectRoot(), "services"));
for (const service of services) writeCoverage(service, coverage.createCoverageMap(result.coverageMap));
// A suite that could not be loaded counts no failed test of its own.
const failed = Math.max(result.numFailedTests, result.numFailedTestSuites);
console.log(`${result.numPassedTests} passed, ${failed} failed`);
