/** What the gateway answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  /** Value of the refresh token's cookie that came with it: empty when it was cleared. */
  readonly cookie: string | undefined;
  /** Value of the device's cookie that came with it. */
  readonly device: string | undefined;
}

export interface Request {
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** Access token. */
  readonly token?: string;
  /** Refresh token. */
  readonly cookie?: string;
  /** What the device is known by. */
  readonly device?: string;
  /** The client's address, as a trusted proxy tells it. */
  readonly address?: string;
}

/** A client of the gateway. */
export class Api {
  readonly #gateway: string;

  constructor(gateway: string) {
    this.#gateway = gateway;
  }

  /** Sends a request: `send("POST /auth/logout", { token })`. */
  async send(target: string, { json, form, token, cookie, device, address }: Request = {}): Promise<Answer> {
    const [method = "", path = ""] = target.split(" ");
    const response = await fetch(`${this.#gateway}${path}`, {
      method,
      headers: {
        accept: "application/json",
        ...(json !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(address !== undefined && { "x-forwarded-for": address }),
        cookie: [
          ...(cookie === undefined ? [] : [`refresh_token=${cookie}`]),
          ...(device === undefined ? [] : [`device=${device}`]),
        ].join("; "),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    });
    const text = await response.text();
    const set = (name: string) =>
      response.headers
        .getSetCookie()
        .find((line) => line.startsWith(`${name}=`))
        ?.slice(name.length + 1)
        .split(";")[0];
    return {
      status: response.status,
      headers: response.headers,
      body: text ? JSON.parse(text) : {},
      cookie: set("refresh_token"),
      device: set("device"),
    };
  }

  register(username: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return this.send("POST /auth/register", { json: { username, email: addressOf(username), password, ...changes } });
  }

  login(username: string, given = password, from: Pick<Request, "address" | "device"> = {}): Promise<Answer> {
    return this.send("POST /auth/login", { form: { username, password: given }, ...from });
  }

  refresh(cookie: string): Promise<Answer> {
    return this.send("POST /auth/token/refresh", { cookie });
  }
}

/** Sends a request again while it is shed: on a busy machine passwords may wait for longer than they are let. */
export async function untilTaken(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await send();
    if (answer.status !== 503) return answer;
  }
}

/** Everybody's password in the tests, unless another is named. */
export const password = "Enchantress#1843";

export const addressOf = (username: string) => `${username}@example.com`.toLowerCase();

/** A text of a JSON body. @throws TypeError if it is none. */
export function textOf(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value !== "string") throw new TypeError(`'${name}' is no text in ${JSON.stringify(body)}`);
  return value;
}
