import type { HeaderLines } from "../requests/incoming.ts";

/** Headers of every answer: a browser keeps it in no cache, and shows it as data, never as a page. */
export const dataHeaders: readonly string[] = [
  ...["Cache-Control", "no-store"],
  ...["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"],
  ...["Strict-Transport-Security", "max-age=31536000; includeSubDomains"],
  ...["X-Content-Type-Options", "nosniff"],
  ...["X-Frame-Options", "DENY"],
];

/** Adds headers, one line a value. */
export function addHeaders(lines: HeaderLines, headers: Readonly<Record<string, string | readonly string[]>>): void {
  for (const [name, value] of Object.entries(headers))
    if (typeof value === "string") lines.push(name, value);
    else for (const one of value) lines.push(name, one);
}

/** Whether a header is among those that an action sets, in whatever case. */
export function hasHeader(headers: Readonly<Record<string, unknown>> | undefined, name: string): boolean {
  return headers !== undefined && Object.keys(headers).some((given) => given.toLowerCase() === name);
}

/** Headers of every answer, without those that an action sets itself: twice, each client would believe another one. */
export function without(lines: readonly string[], own: Readonly<Record<string, unknown>>): HeaderLines {
  const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  return lines.filter((_, at) => !names.has((lines[at - (at % 2)] ?? "").toLowerCase()));
}
