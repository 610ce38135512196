import { PostboxError } from "../../core/errors/postbox-error.ts";
import { decode } from "./encoding.ts";
import type { Route } from "./route.ts";

/** A route that fits a request, with the parameters of its path. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Place {
  /** The path's steps; a parameter's starts with `:`. */
  readonly steps: readonly string[];
  readonly routes: Map<string, Route>;
}

const noParams = {};

/**
 * Finds the route of a request. Paths are told apart by case, and a fixed step goes before a parameter, so no route
 * can hide another; two for the same place are a conflict, and the first stays.
 */
export class RouteTable {
  readonly routes: readonly Route[];
  /** Routes left out, because another action had their method and path first. */
  readonly conflicts: readonly Route[];
  readonly #fixed = new Map<string, Place>();
  /** Places with parameters, by their number of steps. */
  readonly #open = new Map<number, Place[]>();

  constructor(routes: readonly Route[]) {
    const conflicts = routes.filter((route) => !this.#add(route));
    this.routes = routes.filter((route) => !conflicts.includes(route));
    this.conflicts = conflicts;
    for (const places of this.#open.values()) places.sort(moreFixedFirst);
  }

  /**
   * The route for a method and a path (without its query). HEAD is answered as a GET that only reads.
   *
   * @throws PostboxError `not-found`; `method-not-allowed` with the methods that the path takes.
   */
  find(method: string, path: string): Match {
    const trimmed = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
    const fixed = this.#fixed.get(trimmed);
    const route = fixed && routeFor(method, fixed);
    if (route) return { route, params: noParams };

    const steps = trimmed.split("/");
    const open = (this.#open.get(steps.length) ?? []).filter((place) => fits(place, steps));
    for (const place of open) {
      const found = routeFor(method, place);
      if (found) return { route: found, params: paramsOf(place, steps) };
    }
    const places = fixed ? [fixed, ...open] : open;
    if (places.length === 0) throw new PostboxError("not-found");
    throw new PostboxError("method-not-allowed", undefined, { allow: allowedMethods(places) });
  }

  /** The methods of a path; none if there is no such path. */
  methodsOf(path: string): readonly string[] {
    const steps = path.split("/");
    const fixed = this.#fixed.get(path);
    const open = (this.#open.get(steps.length) ?? []).filter((place) => fits(place, steps));
    return allowedMethods(fixed ? [fixed, ...open] : open);
  }

  #add(route: Route): boolean {
    const { routes } = this.#place(route.path);
    if (routes.has(route.method)) return false;
    routes.set(route.method, route);
    return true;
  }

  #place(path: string): Place {
    const steps = path.split("/");
    if (!path.includes(":")) {
      const place = this.#fixed.get(path) ?? { steps, routes: new Map() };
      this.#fixed.set(path, place);
      return place;
    }
    const places = this.#open.get(steps.length) ?? [];
    this.#open.set(steps.length, places);
    const same = places.find((place) => shape(place.steps) === shape(steps));
    if (same) return same;
    const place = { steps, routes: new Map() };
    places.push(place);
    return place;
  }
}

function routeFor(method: string, { routes }: Place): Route | undefined {
  if (method !== "HEAD") return routes.get(method);
  const get = routes.get("GET");
  return get?.safe ? get : undefined;
}

const isParam = (step: string) => step.startsWith(":");
const shape = (steps: readonly string[]) => steps.map((step) => (isParam(step) ? ":" : step)).join("/");

function fits({ steps }: Place, given: readonly string[]): boolean {
  return steps.every((step, at) => (isParam(step) ? given[at] !== "" : step === given[at]));
}

function paramsOf({ steps }: Place, given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    steps.flatMap((step, at) => (isParam(step) ? [[step.slice(1), decode(given[at] ?? "")]] : [])),
  );
}

function moreFixedFirst(a: Place, b: Place): number {
  const order = (place: Place) => place.steps.map((step) => (isParam(step) ? "1" : "0")).join("");
  return order(a).localeCompare(order(b));
}

function allowedMethods(places: readonly Place[]): string[] {
  const methods = new Set(places.flatMap(({ routes }) => [...routes.keys()]));
  if (places.some((place) => routeFor("HEAD", place))) methods.add("HEAD");
  return [...methods].sort();
}
