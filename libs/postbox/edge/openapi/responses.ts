import { type ErrorCode, errorEntry } from "../../core/errors/catalogue.ts";
import { refusesCrossSite } from "../requests/cross-site.ts";
import type { Route } from "../routes/route.ts";

export type Responses = Readonly<Record<string, object>>;

/** The form of every error (RFC 9457). */
export const problemSchema = {
  type: "object",
  required: ["type", "title", "status", "code", "request_id"],
  properties: {
    type: { type: "string", format: "uri", examples: ["urn:postbox:error:not-found"] },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", description: "Stable; made for programs." },
    detail: { type: "string", description: "This occurrence: the fact, the value, the remedy." },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["field", "rule", "message"],
        properties: { field: { type: "string" }, rule: { type: "string" }, message: { type: "string" } },
      },
    },
    request_id: { type: "string" },
  },
} as const;

/** The errors that a route can answer with, by status: its own, and those that follow from its declaration. */
export function problemResponses(route: Route): Responses {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...route.document.errors, ...impliedErrors(route)])) {
    const { status } = errorEntry(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, problemResponse(status, codes)]));
}

function impliedErrors(route: Route): ErrorCode[] {
  const { access, parts, limits, document } = route;
  const takesText = parts.params || parts.query || parts.body !== undefined;
  const codes: (ErrorCode | false)[] = [
    takesText && "malformed-request",
    takesText && "validation-failed",
    parts.body !== undefined && "payload-too-large",
    parts.body !== undefined && "unsupported-media-type",
    access !== "public" && "unauthenticated",
    (access === "mgmt" || access === "root") && "forbidden",
    refusesCrossSite(route) && "cross-site",
    document.idempotent && "request-in-flight",
    document.idempotent && "idempotency-mismatch",
    (limits !== undefined || access !== "public") && "rate-limited",
    "internal-error",
    "service-unavailable",
    "service-timeout",
  ];
  return codes.filter((code) => code !== false);
}

function problemResponse(status: number, codes: readonly ErrorCode[]): object {
  const examples = codes.map((code) => {
    const { title } = errorEntry(code);
    const value = {
      type: `urn:postbox:error:${code}`,
      title,
      status,
      code,
      request_id: "4f6b1c0a-7d0e-4c2b-9f43-0d5a1c7e8b21",
    };
    return [code, { summary: title, value }];
  });
  return {
    description: codes.map((code) => errorEntry(code).title).join("; "),
    content: {
      "application/problem+json": {
        schema: { $ref: "#/components/schemas/Problem" },
        examples: Object.fromEntries(examples),
      },
    },
  };
}
