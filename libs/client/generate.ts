import type { OpenApiDocument } from "../openapi/document.ts";
import type { Operation } from "../openapi/operation.ts";
import type { Schema } from "../validation/schema.ts";
import { typeOf } from "./type-of.ts";

/** Writes the typed client of one OpenAPI document. */
export function generateClient({ info, paths }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const name = `${info.title}${info.version.toUpperCase()}`;
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  const members = operations.map(({ operation }) => {
    const signature = `${nameOf(operation)}(${requestOf(operation)}): Promise<${resultType(operation)}>`;
    return `  /** ${operation.summary}. */\n  ${signature};`;
  });
  const calls = operations.map(({ path, method, operation }) => {
    const form = formOf(operation) ? ', "form"' : "";
    const request = requestOf(operation) === "" ? ["()", "undefined"] : ["(request)", "request"];
    const sent = `send(${JSON.stringify(method)}, ${JSON.stringify(path)}, ${request[1]}${form})`;
    return `    ${nameOf(operation)}: ${request[0]} => ${sent},`;
  });
  return `// Made of the ${info.title} service's OpenAPI document by \`npm run client\`; do not edit.
import type { Send } from "./send.ts";

/** ${info.description} */
export interface ${type} {
${members.join("\n")}
}

export function ${name}(send: Send): ${type} {
  return {
${calls.join("\n")}
  };
}
`;
}

const nameOf = ({ operationId }: Operation) => operationId.replaceAll(/\.(\w)/g, (_, letter) => letter.toUpperCase());

/** A call's parameter: the parts `path`, `query`, `body`, and the key under which it may be sent again. */
function requestOf({ parameters = [], requestBody }: Operation): string {
  const members: string[] = [];
  let optional = true;
  for (const place of ["path", "query"]) {
    const all = (parameters as readonly Parameter[]).filter((parameter) => parameter.in === place);
    if (all.length === 0) continue;
    const required = all.filter((parameter) => parameter.required);
    const properties = Object.fromEntries(all.map(({ name, schema: { default: _, ...schema } }) => [name, schema]));
    const type = typeOf({ type: "object", properties, required: required.map(({ name }) => name) });
    members.push(`readonly ${place}${required.length > 0 ? "" : "?"}: ${type}`);
    optional &&= required.length === 0;
  }
  const body = schemaIn(requestBody);
  if (body) members.push(`readonly body: ${typeOf(body)}`);
  if ((parameters as readonly Parameter[]).some(({ name }) => name === "Idempotency-Key"))
    members.push("readonly idempotencyKey?: string");
  if (members.length === 0) return "";
  return `request${optional && !body ? "?" : ""}: { ${members.join("; ")} }`;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

const schemaIn = (holder: Content | undefined) => Object.values(holder?.content ?? {})[0]?.schema;
const formOf = ({ requestBody }: Operation) =>
  Object.keys((requestBody as Content | undefined)?.content ?? {})[0] === "application/x-www-form-urlencoded";

function resultType({ responses }: Operation): string {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith("2")) ?? [];
  const schema = schemaIn(success as Content | undefined);
  return schema ? typeOf(schema) : "void";
}
