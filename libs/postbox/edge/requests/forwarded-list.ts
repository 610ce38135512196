/**
 * The elements of a header in which each proxy appended one, the last proxy's first. Read from the end: only the end was
 * written by proxies, and whatever a client put before it must not change how the end is read. Empty elements are left out.
 */
export function* lastFirst(header: string): Generator<string> {
  let end = header.length;
  while (end > 0) {
    const start = startOfLast(header, end);
    const element = header.slice(start, end).trim();
    if (element !== "") yield element;
    end = start - 1;
  }
}

/** Where the last element before `end` begins: behind a comma that is not in quotes. */
function startOfLast(header: string, end: number): number {
  let quoted = false;
  for (let at = end - 1; at >= 0; at -= 1) {
    if (header[at] === '"' && header[at - 1] !== "\\") quoted = !quoted;
    else if (header[at] === "," && !quoted) return at + 1;
  }
  return 0;
}

const parameter = /\s*([\w!#$%&'*+.^`|~-]+)=("(?:[^"\\]|\\.)*"|[^\s",;]*)\s*(?:;|$)/y;

/** What an element of `Forwarded` names as `for` (RFC 7239, 4). Undefined: nothing, or the element cannot be read. */
export function forwardedFor(element: string): string | undefined {
  let named: string | undefined;
  parameter.lastIndex = 0;
  while (parameter.lastIndex < element.length) {
    const [, name = "", value = ""] = parameter.exec(element) ?? [];
    if (name === "") return undefined;
    if (name.toLowerCase() !== "for") continue;
    if (named !== undefined) return undefined;
    named = value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, "$1") : value;
  }
  return named;
}
