import { freeze } from "../../libs/postbox/tools/contracts/frozen.ts";
import { loadContracts } from "../../libs/postbox/tools/contracts/load-events.ts";

export async function freezeEvents(): Promise<void> {
  const names = await freeze(await loadContracts());
  console.log(
    names.length > 0 ? `Wrote to test/contracts: ${names.join(", ")}` : "Nothing to do: every contract is frozen.",
  );
}
