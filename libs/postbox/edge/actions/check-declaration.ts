import { isErrorCode, knownCodes } from "../../core/errors/catalogue.ts";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { isLimits } from "../../core/limits/rate-limit.ts";
import { nearMiss } from "../../core/spelling/near-miss.ts";
import { choicesOf, isPlain, isSchema, type Schema } from "../../core/validation/schema.ts";
import { servedRequest, servedSchema } from "../../core/validation/served/served-schema.ts";
import { UnservedSchema } from "../../core/validation/served/unserved-schema.ts";
import { paramNames, type Rest, readRest, restMeant } from "../routes/rest.ts";
import { methods } from "../routes/route.ts";
import { type Access, accessKinds } from "../tokens/roles.ts";
import type { RestDeclaration } from "./rest-declaration.ts";

/** An action as it is declared, of whose types nothing is believed: its file may be written without types. */
export type Declared = { readonly [key in keyof RestDeclaration | "params" | "visibility"]?: unknown };

/** Names of what an action declares to Postbox. */
const declarations = [
  ...["rest", "access", "params", "response", "safe", "status", "summary", "body", "errors", "idempotency"],
  ...["rateLimit", "page", "token", "visibility", "prepare", "handler"],
];

/** What Moleculer reads from an action beside these. */
const ofMoleculer = [
  "name",
  "cache",
  "timeout",
  "retries",
  "tracing",
  "bulkhead",
  "circuitBreaker",
  "retryPolicy",
].concat([
  "fallback",
  "hooks",
  "ws",
  "graphql",
  "openapi",
  "use",
  "service",
  "strategy",
  "rawName",
  "remoteHandler",
  "uuid",
]);

/** Parts of a request, which are the properties of `params` in an action with `rest`. */
const partNames = ["params", "query", "body", "cookies"];

/**
 * Checks all that an action declares. What could not be served, checked and documented as it is written is refused with
 * the spelling that was probably meant.
 *
 * @param name full name of the action.
 * @throws PostboxError `action-undeclared`.
 */
export function checkDeclaration(name: string, action: Declared): void {
  const fault = faultOf(action);
  if (fault !== undefined) throw new PostboxError("action-undeclared", `Action '${name}' ${fault}`);
}

function faultOf(action: Declared): string | undefined {
  const { rest, access, visibility, params, rateLimit } = action;
  const misspelt = Object.keys(action).find((key) => !declarations.includes(key) && declarationMeant(key));
  if (misspelt !== undefined) return `declares '${misspelt}'; did you mean '${declarationMeant(misspelt)}'?`;
  if (visibility !== "private" && !isAccess(access))
    return `${access === undefined ? "does not say" : `says ${JSON.stringify(access)}`} who may call it; set \`access\` to one of ${accessKinds.join(", ")}.`;
  if (!isLimits(rateLimit)) return `has the rate limit '${rateLimit}'; write it as '5/minute, 25/hour, 50/day'.`;
  return (
    (rest === undefined ? undefined : restFault(action)) ??
    schemaFault("params", () => isSchema(params) && servedRequest(params)) ??
    answerFault(action)
  );
}

function declarationMeant(key: string): string | undefined {
  if (ofMoleculer.includes(key)) return undefined;
  const near = nearMiss(
    key,
    declarations.filter((one) => one.length > 4),
  );
  return near;
}

function restFault(action: Declared): string | undefined {
  const { rest, access, visibility, body } = action;
  const read = readRest(rest);
  if (!read) {
    const meant = restMeant(rest);
    return `has the rest ${JSON.stringify(rest)}, which makes no route; ${
      meant
        ? `did you mean '${meant}'?`
        : `write a method (${methods.join(", ")}), one space and a path: 'POST /', 'GET /orders/:id'.`
    }`;
  }
  if (/^\/v\d+(\/|$)/.test(read.path))
    return `has the rest '${rest}', but paths that begin with a version are the gateway's; leave it out.`;
  if (/^\/(docs|redoc|openapi\.json)$/.test(read.path))
    return `has the rest '${rest}', where the service's documents are; choose another path.`;
  if (access === "service")
    return `has a rest and the access 'service', which no request from outside has; leave one of them out.`;
  if (visibility !== undefined && visibility !== null && visibility !== "published")
    return `has a rest and the visibility '${visibility}', which has no route; leave one of them out.`;
  if (body !== undefined && body !== "json" && body !== "form")
    return `has the body ${JSON.stringify(body)}; set it to 'json' or 'form'.`;
  return optionFault(action) ?? paramsFault(read, action);
}

function optionFault({ access, token, status, errors, safe, idempotency, summary }: Declared): string | undefined {
  if (
    status !== undefined &&
    !(typeof status === "number" && Number.isInteger(status) && status >= 200 && status < 400)
  )
    return `has the status ${JSON.stringify(status)}; a successful answer has a whole number from 200 to 399.`;
  if (errors !== undefined && !Array.isArray(errors)) return 'has `errors` that are no list; write `["not-found"]`.';
  for (const code of Array.isArray(errors) ? errors : []) {
    if (typeof code === "string" && isErrorCode(code)) continue;
    const near = nearMiss(String(code), knownCodes());
    return `names the error code '${code}', which is not in the catalogue; ${
      near ? `did you mean '${near}'?` : "declare it in `libs/<service>/errors.ts`."
    }`;
  }
  if (token !== undefined && (token !== "optional" || access !== "public"))
    return `has the token ${JSON.stringify(token)}; it is 'optional' for an action with the access 'public', or left out.`;
  if (safe !== undefined && typeof safe !== "boolean")
    return `has the safe ${JSON.stringify(safe)}; set it to true or false.`;
  if (idempotency !== undefined && typeof idempotency !== "boolean" && idempotency !== "handed-on")
    return `has the idempotency ${JSON.stringify(idempotency)}; set it to true, false or 'handed-on'.`;
  if (summary !== undefined && typeof summary !== "string") return "has a summary that is no text; write one line.";
  return undefined;
}

/** What is wrong with the parts of the request that `params` names, seen beside the path and the body's form. */
function paramsFault({ method, path }: Rest, { rest, params, body }: Declared): string | undefined {
  const names = paramNames(path);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return `has the parameter ':${twice}' twice in '${rest}'; give each a name of its own.`;
  if (params !== undefined && !isSchema(params))
    return "has `params` that are no schema of an object; write `object({ query: object({ … }) })`.";
  let schema: Schema;
  try {
    schema = isSchema(params) ? servedRequest(params) : {};
  } catch {
    return undefined; // Told by the check of all schemas.
  }
  if (choicesOf(schema) || schema.additionalProperties === true || isPlain(schema.additionalProperties))
    return "has `params` that are not one object with named parts; give `params`, `query`, `body` and `cookies` a schema each.";
  const parts = schema.properties ?? {};
  const unknown = Object.keys(parts).find((name) => !partNames.includes(name));
  if (unknown !== undefined)
    return `takes '${unknown}', which is no part of a request; put it into ${partNames.map((one) => `\`${one}\``).join(", ")}.`;
  const declared = Object.keys(parts.params?.properties ?? {});
  const undeclared = names.find((name) => !declared.includes(name));
  if (undeclared !== undefined)
    return `has ':${undeclared}' in '${rest}', but no '${undeclared}' in its schema's \`params.params\`; add it.`;
  const unreached = declared.find((name) => !names.includes(name));
  if (unreached !== undefined)
    return `takes '${unreached}' from the path, but '${rest}' has no ':${unreached}'; did you mean \`params.query\`?`;
  if (parts.body && method === "GET")
    return "takes a body with GET, which browsers and proxies do not send; take a query, or use POST.";
  if (body === "form" && !parts.body) return "has the body 'form', but no `params.body`; add its schema.";
  return textFault(parts, body === "form");
}

/** What is wrong with the parts that are written as text: every value has to be one, or a list of such. */
function textFault(parts: Readonly<Record<string, Schema>>, form: boolean): string | undefined {
  for (const name of ["params", "query", "cookies", ...(form ? ["body"] : [])]) {
    const part = parts[name];
    if (!part) continue;
    const lists = name !== "params";
    const open = part.additionalProperties !== false && !(name === "query" && part.additionalProperties === true);
    if (part.type !== "object" || !part.properties || open || part.patternProperties)
      return `has a \`params.${name}\` that is not one object with named properties; name each of them.`;
    const wrong = Object.entries(part.properties).find(([, schema]) => !isText(schema, lists));
    if (wrong)
      return `takes '${name}.${wrong[0]}', which cannot be written as text; ${
        lists ? "take a text, a number, a boolean, null, or a list of those" : "take a text, a number or a boolean"
      }, or put it into a JSON body.`;
  }
  return undefined;
}

function isText(schema: Schema, lists: boolean): boolean {
  const choices = choicesOf(schema);
  if (choices) return choices.every((one) => isText(one, lists));
  const values = schema.const !== undefined ? [schema.const] : schema.enum;
  if (Array.isArray(values)) return values.every((value) => typeof value !== "object" || value === null);
  if (schema.type === "array")
    return (
      lists &&
      [...(schema.prefixItems ?? []), ...(schema.items ? [schema.items] : [])].every((one) => isText(one, false))
    );
  return schema.type !== "object";
}

function answerFault({ response, status }: Declared): string | undefined {
  if (response === undefined) return undefined;
  if (!isPlain(response)) return "has a `response` that is no schema; write a TypeBox value.";
  if (status === 204 || status === 205 || status === 304)
    return `has the status ${status}, whose answer has no body, and a \`response\`; leave one of them out.`;
  return schemaFault("response", () => servedSchema(response));
}

function schemaFault(what: string, read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof UnservedSchema) return `has \`${what}\` that cannot be served: ${error.message}`;
    throw error;
  }
}

const isAccess = (access: unknown): access is Access => accessKinds.some((one) => one === access);
