import type { IncomingEvent } from "./incoming-event.ts";

/** Names a cursor: there is one for each key of each publisher. */
export interface CursorName {
  readonly source: string;
  readonly key: string;
}

/** A cursor's name as one text, for maps. An event without a key has no cursor, and its text names none. */
export const cursorKey = ({ source, key }: { source: string; key: string | null }): string => `${source}\n${key}`;

/** The name that a text of `cursorKey` stands for. A key may contain line breaks, a publisher's name contains none. */
export function parseCursorKey(text: string): CursorName {
  const end = text.indexOf("\n");
  return { source: text.slice(0, end), key: text.slice(end + 1) };
}

/** The cursors of these events, each once. */
export function cursorNames(events: readonly Pick<IncomingEvent, "source" | "key">[]): CursorName[] {
  const names = new Map<string, CursorName>();
  for (const { source, key } of events) if (key !== null) names.set(cursorKey({ source, key }), { source, key });
  return [...names.values()];
}
