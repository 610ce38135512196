import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncApiDocument } from "../libs/postbox/tools/contracts/asyncapi.ts";
import { loadEvents } from "../libs/postbox/tools/contracts/load-events.ts";
import { declaredDocuments } from "./declared-documents.ts";

/** `node scripts/write-documents.ts <folder>`: writes what the project serves to others as documents, one file each. */
const folder = process.argv[2] ?? ".";
await mkdir(folder, { recursive: true });
const write = (name: string, document: object) => writeFile(join(folder, name), JSON.stringify(document, null, 2));
for (const document of await declaredDocuments())
  await write(`${document.info.title}.${document.info.version}.openapi.json`, document);
await write("asyncapi.json", asyncApiDocument(await loadEvents()));
process.exit(0);
