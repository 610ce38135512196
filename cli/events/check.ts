import { checkContracts } from "../../libs/postbox/tools/contracts/check-contracts.ts";
import { readFrozen } from "../../libs/postbox/tools/contracts/frozen.ts";
import { loadContracts } from "../../libs/postbox/tools/contracts/load-events.ts";
import { Verdict } from "../run.ts";
import { printJson } from "../terminal/table.ts";

export async function check({ json }: { readonly json?: boolean }): Promise<void> {
  const [frozen, present] = await Promise.all([readFrozen(), loadContracts()]);
  const faults = checkContracts(frozen, present);
  if (json) printJson(faults);
  else for (const { subject, version, fault } of faults) console.log(`${subject} v${version}: ${fault}.`);
  if (faults.length > 0)
    throw new Verdict(`${faults.length} ${faults.length === 1 ? "fault" : "faults"} in the contracts.`);
  if (!json) console.log(`All ${present.length} events keep their contracts.`);
}
