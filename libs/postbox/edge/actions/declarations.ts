import type { Middleware, Service, ServiceSchema } from "moleculer";
import { PostboxError } from "../../core/errors/postbox-error.ts";
import { pathShape, readRest } from "../routes/rest.ts";
import { isRestSettings } from "../routes/versions.ts";
import { checkDeclaration } from "./check-declaration.ts";

/**
 * Checks what a service's actions declare, before the service is created. Moleculer's own (`$node`) are left alone.
 *
 * @throws PostboxError `action-undeclared`, which names the action and says what to write.
 */
export const declarations: Middleware = {
  name: "Declarations",
  serviceCreating(_service: Service, { name, version, settings, actions }: ServiceSchema): void {
    if (name?.startsWith("$")) return;
    const face: unknown = Reflect.get(settings ?? {}, "face");
    const fullName = version === undefined ? name : `${typeof version === "number" ? "v" : ""}${version}.${name}`;
    const taken = new Map<string, string>();
    for (const [key, action] of Object.entries(actions ?? {})) {
      if (typeof action === "boolean") continue;
      const declared = typeof action === "function" ? {} : action;
      const actionName = `${fullName}.${declared.name ?? key}`;
      checkDeclaration(actionName, declared);
      const rest = readRest(declared.rest);
      if (!rest) continue;
      const refuse = (fact: string) =>
        new PostboxError("action-undeclared", `Action '${actionName}' has a rest, but ${fact}`);
      if (face === undefined) throw refuse("its service has no routes; give it the mixin `rest`.");
      if (!isRestSettings(face))
        throw refuse(
          "the mixin `rest` of its service has a prefix or a latest version that makes no path; take lowercase letters and digits, and a number.",
        );
      if (typeof version !== "number")
        throw refuse(`the version of its service is ${JSON.stringify(version)}; set it to a number.`);
      const route = `${rest.method} ${pathShape(rest.path)}`;
      const other = taken.get(route);
      if (other !== undefined) throw refuse(`'${other}' has the same method and path; give one of them another.`);
      taken.set(route, actionName);
    }
  },
};
