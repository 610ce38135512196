import type { OpenApiDocument } from "../../edge/openapi/document.ts";
import type { Operation } from "../../edge/openapi/operation.ts";
import { nameOf, requestOf, resultOf, takesForm } from "./signature.ts";

/** The sources of typed clients, by the name of their file without `.ts`. */
export type Clients = ReadonlyMap<string, string>;

/**
 * Writes the typed client of each OpenAPI document. What a mixin gives to several services (`operations.dead.list`,
 * `utils.health`) is written once, in a file of the first word's name, unless one of them has something else by that
 * word.
 */
export function generateClients(documents: readonly OpenApiDocument[]): Clients {
  const groups = sharedGroups(documents);
  const clients = documents.map(
    (document) => [`${document.info.title}.${document.info.version}`, clientOf(document, groups)] as const,
  );
  return new Map([...clients, ...groups]);
}

/** One operation and where it stands; the path is that below the base of its document. */
interface Call {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const baseOf = ({ info }: OpenApiDocument) => `/${info.title}/${info.version}`;

function callsOf(document: OpenApiDocument): Call[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.slice(baseOf(document).length),
      operation,
    })),
  );
}

/** The first word of an operation that a mixin gives; none for a service's own. */
const groupOf = ({ operation: { operationId } }: Call) => /^(\w+)\./.exec(operationId)?.[1];

function sharedGroups(documents: readonly OpenApiDocument[]): Clients {
  const written = new Map<string, string[]>();
  for (const document of documents)
    for (const [group, calls] of Map.groupBy(callsOf(document), groupOf))
      if (group !== undefined) written.set(group, [...(written.get(group) ?? []), groupSource(group, calls)]);
  return new Map(
    [...written].flatMap(([group, [source, ...others]]) =>
      source !== undefined && others.length > 0 && others.every((other) => other === source) ? [[group, source]] : [],
    ),
  );
}

function groupSource(group: string, calls: readonly Call[]): string {
  const type = capitalized(group);
  return `// Made of what several services declare alike by \`npm run client\`; do not edit.
import type { Send } from "./send.ts";

/** What services have below \`/${group}\`. */
export interface ${type} {
${calls.map(member).join("\n")}
}

/** @param base path of the service: \`/orders/v1\`. */
export function ${group}(send: Send, base: string): ${type} {
  return {
${calls.map((call) => sending(call, `\`\${base}${call.path}\``)).join("\n")}
  };
}
`;
}

function clientOf(document: OpenApiDocument, shared: Clients): string {
  const { info } = document;
  const name = `${info.title}${info.version.toUpperCase()}`;
  const type = capitalized(name);
  const base = baseOf(document);
  const calls = callsOf(document);
  const groups = [...shared.keys()].filter((group) => calls.some((call) => groupOf(call) === group)).sort();
  const own = calls.filter((call) => !groups.some((group) => groupOf(call) === group));
  const inherited = groups.length > 0 ? ` extends ${groups.map(capitalized).join(", ")}` : "";
  return `// Made of the ${info.title} service's OpenAPI document by \`npm run client\`; do not edit.
${importsOf(groups)}

/** ${info.description} */
export interface ${type}${inherited} {
${own.map(member).join("\n")}
}

export function ${name}(send: Send): ${type} {
  return {
${groups.map((group) => `    ...${group}(send, ${JSON.stringify(base)}),`).join("\n")}
${own.map((call) => sending(call, JSON.stringify(base + call.path))).join("\n")}
  };
}
`;
}

/** In the order of their files, as Biome has them. */
function importsOf(groups: readonly string[]): string {
  const taken = new Map(groups.map((group) => [group, `import { type ${capitalized(group)}, ${group} }`]));
  taken.set("send", "import type { Send }");
  const files = [...taken.keys()].sort();
  return files.map((file) => `${taken.get(file)} from "./${file}.ts";`).join("\n");
}

function member({ operation }: Call): string {
  const signature = `${nameOf(operation)}(${requestOf(operation)}): Promise<${resultOf(operation)}>`;
  return `  /** ${operation.summary}. */\n  ${signature};`;
}

/** @param path as it is written in the source. */
function sending({ method, operation }: Call, path: string): string {
  const form = takesForm(operation) ? ', "form"' : "";
  const [taken, sent] = requestOf(operation) === "" ? ["()", "undefined"] : ["(request)", "request"];
  return `    ${nameOf(operation)}: ${taken} => send(${JSON.stringify(method)}, ${path}, ${sent}${form}),`;
}

const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
