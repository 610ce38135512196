import { checkContracts, draftsOf } from "../../libs/postbox/tools/contracts/check-contracts.ts";
import { readFrozen } from "../../libs/postbox/tools/contracts/frozen.ts";
import { loadContracts } from "../../libs/postbox/tools/contracts/load-events.ts";
import { Verdict } from "../run.ts";
import { printJson } from "../terminal/table.ts";

export interface CheckFlags {
  readonly json?: boolean;
  /** Drafts are faults too. */
  readonly released?: boolean;
}

export async function check({ json, released }: CheckFlags): Promise<void> {
  const [frozen, present] = await Promise.all([readFrozen(), loadContracts()]);
  const drafts = draftsOf(frozen, present).map(({ subject, version }) => ({
    subject,
    version,
    fault: "is a draft; run `postbox events freeze` before its release, and commit its file",
  }));
  const faults = [...checkContracts(frozen, present), ...(released ? drafts : [])];
  if (json) printJson(faults);
  else
    for (const { subject, version, fault } of [...faults, ...(released ? [] : drafts)])
      console.log(`${subject} v${version}: ${fault}.`);
  if (faults.length > 0)
    throw new Verdict(`${faults.length} ${faults.length === 1 ? "fault" : "faults"} in the contracts.`);
  if (!json) console.log(`All ${present.length} events keep their contracts.`);
}
