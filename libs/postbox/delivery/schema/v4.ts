/**
 * The engine's tables, version 4: `interruptions` counts the runs of a stored event that ended in a row through no
 * fault of the event. Its waits grow with the count, and the count has a limit.
 */
export const up: readonly string[] = ["alter table event_inbox add column interruptions integer not null default 0"];

export const down: readonly string[] = ["alter table event_inbox drop column interruptions"];
