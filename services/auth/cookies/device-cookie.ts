import { object } from "postbox";
import { Type } from "typebox";
import { type Device, parseDevice } from "../clients/device.ts";
import { cookieLine, namesOf } from "./cookie.ts";

const name = "device";
const [boundName, plainName] = namesOf(name);

/** Seconds for which a browser keeps the cookie after a login: a year. */
const seconds = 365 * 24 * 3600;

const text = Type.Optional(Type.String({ description: "Set at a login: the device is known to its user." }));

/** The cookies of a request that may hold a device. */
export const deviceCookies = object({ [boundName]: text, [plainName]: text });

/** The device that a request comes from. Undefined where it tells none. */
export function readDevice(cookies: Readonly<Record<string, string | undefined>>): Device | undefined {
  return parseDevice(cookies[boundName] ?? cookies[plainName] ?? "");
}

/** The header line that has a browser keep what it is known by. */
export function deviceCookieLine({ id, marks }: Device): string {
  return cookieLine(name, [id, ...marks].join("."), seconds);
}
