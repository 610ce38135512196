import { PostboxError } from "../../core/errors/postbox-error.ts";
import { decode } from "./encoding.ts";
import type { Route } from "./route.ts";

/** A route that fits a request, with the parameters of its path. */
export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The routes that share a path, by method. */
interface PathRoutes {
  /** The segments of the path; that of a parameter begins with `:`. */
  readonly segments: readonly string[];
  readonly routes: Map<string, Route>;
}

const noParams = {};

/**
 * Finds the route of a request. No route can hide another: paths are case-sensitive, and a fixed segment goes before a
 * parameter. Of two routes with the same method and path the first one counts, and the other is a conflict.
 */
export class RouteTable {
  readonly routes: readonly Route[];
  /** Routes left out, because another action had their method and path first. */
  readonly conflicts: readonly Route[];
  readonly #fixed = new Map<string, PathRoutes>();
  /** Paths with parameters, by their number of segments. `steps` are the segments of a request's path. */
  readonly #open = new Map<number, PathRoutes[]>();

  constructor(routes: readonly Route[]) {
    const conflicts = routes.filter((route) => !this.#add(route));
    this.routes = routes.filter((route) => !conflicts.includes(route));
    this.conflicts = conflicts;
    for (const candidates of this.#open.values()) candidates.sort(moreFixedFirst);
  }

  /**
   * The route for a method and a path. HEAD finds a GET that only reads.
   *
   * @param path as `pathOf` gives it.
   * @throws PostboxError `not-found`; `malformed-request`; `method-not-allowed` with the methods that the path takes.
   */
  find(method: string, path: string): RouteMatch {
    const steps = stepsOf(path);
    const fixed = this.#fixedAt(path, steps);
    const route = fixed && routeFor(method, fixed);
    if (route) return { route, params: noParams };

    const open = this.#openAt(steps);
    for (const candidate of open) {
      const found = routeFor(method, candidate);
      if (found) return { route: found, params: paramsOf(candidate, steps) };
    }
    const candidates = fixed ? [fixed, ...open] : open;
    if (candidates.length === 0) throw new PostboxError("not-found");
    throw new PostboxError("method-not-allowed", undefined, { allow: allowedMethods(candidates) });
  }

  /**
   * The methods of a path; none if there is no such path.
   *
   * @param path as `pathOf` gives it.
   * @throws PostboxError `malformed-request`.
   */
  methodsOf(path: string): readonly string[] {
    const steps = stepsOf(path);
    const fixed = this.#fixedAt(path, steps);
    const open = this.#openAt(steps);
    return allowedMethods(fixed ? [fixed, ...open] : open);
  }

  #fixedAt(path: string, steps: readonly string[]): PathRoutes | undefined {
    if (!path.includes("%")) return this.#fixed.get(path);
    // A slash that was encoded is part of its segment, and no fixed segment holds one.
    return steps.some((step) => step.includes("/")) ? undefined : this.#fixed.get(steps.join("/"));
  }

  #openAt(steps: readonly string[]): PathRoutes[] {
    return (this.#open.get(steps.length) ?? []).filter((candidate) => fits(candidate, steps));
  }

  #add(route: Route): boolean {
    const { routes } = this.#pathRoutes(route.path);
    if (routes.has(route.method)) return false;
    routes.set(route.method, route);
    return true;
  }

  #pathRoutes(path: string): PathRoutes {
    const segments = path.split("/");
    if (!path.includes(":")) {
      const known = this.#fixed.get(path) ?? { segments, routes: new Map() };
      this.#fixed.set(path, known);
      return known;
    }
    const all = this.#open.get(segments.length) ?? [];
    this.#open.set(segments.length, all);
    const same = all.find((known) => shape(known.segments) === shape(segments));
    if (same) return same;
    const known = { segments, routes: new Map() };
    all.push(known);
    return known;
  }
}

/** The segments of a path, with their escapes undone: `/auth/%6Cogin` is `/auth/login` (RFC 3986, 6.2.2.2). */
function stepsOf(path: string): readonly string[] {
  const steps = path.split("/");
  return path.includes("%") ? steps.map((step) => decode(step)) : steps;
}

function routeFor(method: string, { routes }: PathRoutes): Route | undefined {
  if (method !== "HEAD") return routes.get(method);
  const get = routes.get("GET");
  return get?.safe ? get : undefined;
}

const isParam = (segment: string) => segment.startsWith(":");
const shape = (segments: readonly string[]) => segments.map((segment) => (isParam(segment) ? ":" : segment)).join("/");

function fits({ segments }: PathRoutes, given: readonly string[]): boolean {
  return segments.every((segment, at) => (isParam(segment) ? given[at] !== "" : segment === given[at]));
}

function paramsOf({ segments }: PathRoutes, given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    segments.flatMap((segment, at) => (isParam(segment) ? [[segment.slice(1), given[at] ?? ""]] : [])),
  );
}

function moreFixedFirst(a: PathRoutes, b: PathRoutes): number {
  const order = (candidate: PathRoutes) => candidate.segments.map((segment) => (isParam(segment) ? "1" : "0")).join("");
  return order(a).localeCompare(order(b));
}

function allowedMethods(candidates: readonly PathRoutes[]): string[] {
  const methods = new Set(candidates.flatMap(({ routes }) => [...routes.keys()]));
  if (candidates.some((candidate) => routeFor("HEAD", candidate))) methods.add("HEAD");
  return [...methods].sort();
}
