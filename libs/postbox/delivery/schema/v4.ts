/**
 * The engine's tables, version 4: how often in a row the run of a stored event ended by what was not its fault, so that
 * its waits grow, and it ends when that never ends.
 */
export const up: readonly string[] = ["alter table event_inbox add column interruptions integer not null default 0"];

export const down: readonly string[] = ["alter table event_inbox drop column interruptions"];
