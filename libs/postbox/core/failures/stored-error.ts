import { ownFrames } from "./own-frames.ts";

/** Characters of an error's name and message that are stored at most. */
const maxHeadline = 1_500;

/** Characters that are stored at most. */
const maxText = 2_000;

/**
 * An error as a table stores it: its name and message on the first line, and below it the project's own frames. No
 * payload and no bound value is part of the text, but for what the message itself says.
 *
 * NUL characters are removed: Postgres refuses them, and the event could never end.
 */
export function storedError(error: Error): string {
  const { name, message } = error;
  let text = `${name}: ${message}`
    .replaceAll("\0", "")
    .replace(/\s*\n\s*/g, " ")
    .slice(0, maxHeadline);
  for (const frame of ownFrames(error)) {
    const longer = `${text}\n    at ${frame}`;
    if (longer.length > maxText) break;
    text = longer;
  }
  return text;
}

/** The first line of a stored error: all that an acknowledgement, a list and an answer tell of the error. */
export const headlineOf = (stored: string): string => stored.split("\n", 1)[0] ?? "";

/** The frames of a stored error, a line each; empty if there are none. */
export const framesOf = (stored: string): string => stored.slice(headlineOf(stored).length);
