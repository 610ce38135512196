import { nearMiss } from "../../core/spelling/near-miss.ts";
import { type Method, methods } from "./route.ts";

/** A `rest` as it is written: `POST /`, `DELETE /tokens/me/:token_id`. */
export type RestPath = `${Method} /${string}`;

/** A `rest`, read. */
export interface Rest {
  readonly method: Method;
  /** Below the base of the service; empty for `/`. */
  readonly path: string;
}

const form = /^([A-Z]+) (\/|(?:\/:?[A-Za-z0-9_.-]+)+)$/;

/** Reads `POST /orders/:id`. Undefined for anything else: nothing that is nearly a path is served. */
export function readRest(rest: unknown): Rest | undefined {
  const [, method, path = ""] = typeof rest === "string" ? (form.exec(rest) ?? []) : [];
  return isMethod(method) ? { method, path: path === "/" ? "" : path } : undefined;
}

/** The names of a path's parameters, in their order. */
export function paramNames(path: string): string[] {
  return path.split("/").flatMap((segment) => (segment.startsWith(":") ? [segment.slice(1)] : []));
}

/** The path with its parameters' names left out: two paths of one shape take the same requests. */
export const pathShape = (path: string) => path.replaceAll(/:[^/]+/g, ":");

/** The `rest` that was probably meant by one that cannot be read. Undefined if none comes near. */
export function restMeant(rest: unknown): string | undefined {
  const text = typeof rest === "string" ? rest : writtenAsObject(rest);
  if (text === undefined) return undefined;
  const [, word = "", after = ""] = /^\s*([A-Za-z]*)[\s:,]*(.*?)\s*$/.exec(text) ?? [];
  const method = word === "" ? "GET" : nearMiss(word, methods);
  if (method === undefined) return undefined;
  const [address = ""] = after.split(/[?#]/);
  const path = address.replaceAll(/\{(\w+)\}/g, ":$1").replaceAll(/[\s/]+/g, "/");
  const meant = `${method} /${path.replace(/^\//, "").replace(/\/$/, "")}`;
  return readRest(meant) && meant !== rest ? meant : undefined;
}

/** Moleculer's other form of `rest`: `{ method: "POST", path: "/orders" }`. */
function writtenAsObject(rest: unknown): string | undefined {
  const { method, path } = Object(rest);
  return typeof path === "string" ? `${typeof method === "string" ? method : ""} ${path}` : undefined;
}

const isMethod = (method: unknown): method is Method => methods.some((one) => one === method);
