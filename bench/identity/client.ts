/** Milliseconds that a request took, and how it was answered. */
export interface Timed {
  readonly ms: number;
  readonly status: number;
}

const password = "Enchantress#1843";

/** The requests of identity, each timed. */
export class Client {
  readonly #gateway: string;

  constructor(gateway: string) {
    this.#gateway = gateway;
  }

  register(username: string): Promise<Timed> {
    const body = JSON.stringify({ username, email: `${username}@example.com`, password });
    return this.#timed("/auth/register", { method: "POST", headers: { "content-type": "application/json" }, body });
  }

  login(username: string, given = password): Promise<Timed> {
    return this.#timed("/auth/login", { method: "POST", body: new URLSearchParams({ username, password: given }) });
  }

  me(token: string): Promise<Timed> {
    return this.#timed("/users/me", { headers: { authorization: `Bearer ${token}` } });
  }

  async token(username: string): Promise<string> {
    const body = new URLSearchParams({ username, password });
    const response = await fetch(`${this.#gateway}/auth/login`, { method: "POST", body });
    if (!response.ok) throw new Error(`'${username}' could not log in: ${response.status}.`);
    const { access_token } = (await response.json()) as { access_token: string };
    return access_token;
  }

  async #timed(path: string, init: RequestInit): Promise<Timed> {
    const began = performance.now();
    const response = await fetch(`${this.#gateway}${path}`, init);
    await response.arrayBuffer();
    return { ms: performance.now() - began, status: response.status };
  }
}
