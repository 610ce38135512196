/** The parts of a request. */
export interface Parts {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** Sent again with the same key, a request has its effect once. */
  readonly idempotencyKey?: string;
}

/** Sends a request and gives the answer's body. */
export type Send = <Result>(
  method: string,
  path: string,
  parts: Parts | undefined,
  body?: "json" | "form",
) => Promise<Result>;

/** An error that the server told: `application/problem+json`. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** The broken rule, by field. */
  readonly errors: readonly { readonly field: string; readonly rule: string; readonly message: string }[];

  constructor(told: { title: string; detail?: string; status: number; code: string; errors?: Problem["errors"] }) {
    super(told.detail ?? told.title);
    this.name = "Problem";
    this.status = told.status;
    this.code = told.code;
    this.errors = told.errors ?? [];
  }
}

export interface Connection {
  /** Address of the gateway: `http://localhost:3000`. */
  readonly gateway: string;
  /** Gives the access token of the moment, if there is one. */
  readonly token?: () => string | undefined;
}

/** Opens a way to the gateway, for the clients of all services. */
export function connect({ gateway, token }: Connection): Send {
  return async (method, path, parts = {}, kind = "json") => {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(parts.path?.[name] ?? "")));
    const url = new URL(filled, gateway);
    for (const [name, value] of Object.entries(parts.query ?? {}))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) url.searchParams.append(name, String(one));
    const bearer = token?.();
    const answer = await fetch(url, {
      method,
      headers: {
        Accept: "application/json",
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
        ...(parts.idempotencyKey !== undefined && { "Idempotency-Key": parts.idempotencyKey }),
        ...(parts.body !== undefined && {
          "Content-Type": kind === "json" ? "application/json" : "application/x-www-form-urlencoded",
        }),
      },
      ...(parts.body !== undefined && {
        body: kind === "json" ? JSON.stringify(parts.body) : new URLSearchParams(Object(parts.body)).toString(),
      }),
    });
    const text = await answer.text();
    const body = text === "" ? undefined : JSON.parse(text);
    if (!answer.ok) throw new Problem(body);
    return body;
  };
}
