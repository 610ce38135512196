import { PostboxError } from "../../core/errors/postbox-error.ts";
import { paramNames, readRest, restMeant } from "../../edge/routes/rest.ts";

/** Who may be let in by a scaffolded action, and the role that its test sends. */
const testRoles = { public: undefined, gen: "user", mgmt: "admin", root: "root" } as const;

export type ScaffoldAccess = keyof typeof testRoles;

export const scaffoldAccess = Object.keys(testRoles);

/**
 * The parts of an action and its test that depend on its path and on who may call it. The action gives back what it was
 * given, so that its test shows a request's whole way.
 *
 * @throws PostboxError `scaffold-failed` for a `rest` that makes no route.
 */
export function actionParts(rest: string, access: ScaffoldAccess, summary: string): Record<string, string> {
  const read = readRest(rest);
  if (read === undefined) {
    const meant = restMeant(rest);
    throw new PostboxError(
      "scaffold-failed",
      `'${rest}' makes no route; write a method and a path, such as '${meant ?? "POST /"}'.`,
    );
  }
  const names = paramNames(read.path);
  const role = testRoles[access];
  const samples = names.map((name) => [name, `${name}-1`] as const);
  const given = samples.map(([name, value]) => `${name}: "${value}"`);
  const isPublic = role === undefined;
  const results = [
    ...names.map((name) => `${name}: ctx.params.params.${name}`),
    isPublic ? `done: "${summary}"` : "user_id: caller(ctx).user_id",
  ];
  return {
    rest,
    access,
    imports: isPublic ? "action, object" : "action, caller, object",
    params:
      names.length === 0
        ? "object({})"
        : `object({ params: object({ ${names.map((name) => `${name}: Type.String({ maxLength: 100 })`).join(", ")} }) })`,
    response: `object({ ${[
      ...names.map((name) => `${name}: Type.String()`),
      isPublic ? "done: Type.String()" : `user_id: Type.String({ format: "uuid" })`,
    ].join(", ")} })`,
    result: `{ ${results.join(", ")} }`,
    ctx: isPublic && names.length === 0 ? "" : ", ctx",
    method: read.method,
    path: samples.reduce((path, [name, value]) => path.replace(`:${name}`, value), read.path),
    expected: `{ ${[...given, isPublic ? `done: "${summary}"` : "user_id"].join(", ")} }`,
    role: role ?? "user",
    said: isPublic
      ? "answers anybody"
      : `answers ${role === "user" ? "a user" : `a user of the role ${role}`}, and nobody without a token`,
    stranger: isPublic ? "200" : "401",
  };
}
