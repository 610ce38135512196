import type { Database } from "postbox";
import { type LocalServices, setup, type TestStack } from "postbox/testing";
import { type Answer, Api, password, textOf } from "./api.ts";

/** Somebody who is logged in. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly token: string;
  readonly cookie: string;
}

/** Gateway, auth, users and emails with their workers, on databases of their own. */
export interface Identity {
  readonly stack: TestStack;
  readonly services: LocalServices;
  readonly api: Api;
  readonly auth: Database;
  readonly users: Database;
  readonly emails: Database;
  /** Waits until all that was caused is handled everywhere. */
  settled(): Promise<void>;
  /** Registers a user, waits until all services know, and logs in. */
  person(username: string): Promise<Person>;
  /** Logs the root user in. */
  root(): Promise<Person>;
  stop(): Promise<void>;
}

const rootPassword = "Root#Password1";
const everything = ["auth", "auth.worker", "users", "users.worker", "emails", "emails.worker", "gateway"];

export async function startIdentity(
  env: Readonly<Record<string, string>> = {},
  services: readonly string[] = everything,
): Promise<Identity> {
  const stack = await setup({
    env: {
      REQUIRE_USER_VERIFICATION: "false",
      RATE_LIMIT_ENABLED: "false",
      ROOT_USER_PASSWORD: rootPassword,
      ...env,
    },
  });
  const local = await stack.startServices(services);
  const api = new Api(local.gateway);
  const [auth, users, emails] = [stack.database("auth"), stack.database("users"), stack.database("emails")];
  const settled = () => stack.settle();
  return {
    stack,
    services: local,
    api,
    auth,
    users,
    emails,
    settled,
    person: async (username) => {
      await expectStatus(api.register(username), 201);
      await settled();
      return loggedIn(username, await api.login(username, password), auth);
    },
    root: async () => loggedIn("root", await api.login("root", rootPassword), auth),
    stop: stack.stop,
  };
}

async function loggedIn(username: string, answer: Answer, auth: Database): Promise<Person> {
  await expectStatus(Promise.resolve(answer), 200);
  const { rows } = await auth.query<{ id: string }>({
    text: "select id from account where username = $1",
    values: [username.toLowerCase()],
  });
  const [row] = rows;
  if (!row || !answer.cookie) throw new Error(`'${username}' is not logged in.`);
  return { id: row.id, username, token: textOf(answer.body, "access_token"), cookie: answer.cookie };
}

async function expectStatus(answer: Promise<Answer>, status: number): Promise<void> {
  const { status: seen, body } = await answer;
  if (seen !== status) throw new Error(`Expected ${status}, got ${seen}: ${JSON.stringify(body)}`);
}
