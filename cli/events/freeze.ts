import { contractOf } from "../../libs/postbox/tools/contracts/contract.ts";
import { freeze } from "../../libs/postbox/tools/contracts/frozen.ts";
import { loadEvents } from "../../libs/postbox/tools/contracts/load-events.ts";

export async function freezeEvents(): Promise<void> {
  const names = await freeze((await loadEvents()).map(contractOf));
  console.log(
    names.length > 0 ? `Wrote to test/contracts: ${names.join(", ")}` : "Nothing to do: every contract is frozen.",
  );
}
