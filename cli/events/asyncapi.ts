import { asyncApiDocument } from "../../libs/postbox/tools/contracts/asyncapi.ts";
import { loadEvents } from "../../libs/postbox/tools/contracts/load-events.ts";
import { printJson } from "../terminal/table.ts";

export async function asyncapi(): Promise<void> {
  printJson(asyncApiDocument(await loadEvents()));
}
