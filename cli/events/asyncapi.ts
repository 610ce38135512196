import { asyncApiDocument } from "../../libs/contracts/asyncapi.ts";
import { loadEvents } from "../../libs/contracts/load-events.ts";
import { printJson } from "../terminal/table.ts";

export async function asyncapi(): Promise<void> {
  printJson(asyncApiDocument(await loadEvents()));
}
