import { styleText } from "node:util";
import type { Trace, TracedEvent, TracedRun } from "../../libs/postbox/delivery/trace/traced-event.ts";
import { harmless } from "../terminal/table.ts";

/** A trace for a person: a tree, each event below the one that has caused it. */
export function traceText({ correlation_id, run, events }: Trace): string {
  const begin = run ? runLines(run) : [`Request ${harmless(correlation_id)}`];
  return [...begin, ...branches(events)].join("\n");
}

function runLines({ service, job, slot, status, attempts, error_message }: TracedRun): string[] {
  const end = `${status} at attempt ${attempts}`;
  return [
    `Job ${job} of ${service}, slot ${slot.toISOString()}: ${colored(status, end)}`,
    ...errorLines(error_message).map((line) => `  ${line}`),
  ];
}

function branches(events: readonly TracedEvent[]): string[] {
  return events.flatMap((event, index) => {
    const isLast = index === events.length - 1;
    const [first = "", ...others] = eventLines(event);
    const rest = [
      ...others.map((line) => `${event.effects.length > 0 ? "│" : " "}  ${line}`),
      ...branches(event.effects),
    ];
    return [`${isLast ? "└─" : "├─"} ${first}`, ...rest.map((line) => `${isLast ? " " : "│"}  ${line}`)];
  });
}

function eventLines(event: TracedEvent): string[] {
  const { id, event_type, target, key, received } = event;
  const inKey = key === null ? "" : `, key ${harmless(JSON.stringify(key))}`;
  return [
    `${styleText("bold", event_type)} to ${target}${inKey}  ${styleText("dim", id)}`,
    publishedText(event),
    receivedText(event),
    ...errorLines(received?.error_message ?? event.error_message),
  ];
}

function publishedText({ service, status, created_at, generation }: TracedEvent): string {
  const replayed = generation > 0 ? `, replayed ${generation === 1 ? "once" : `${generation} times`}` : "";
  return `${service}: ${colored(status, status)}, enqueued ${created_at.toISOString()}${replayed}`;
}

function receivedText({ target, received }: TracedEvent): string {
  if (received === null) return `${target}: ${styleText("dim", "not received")}`;
  const { status, attempts, processed_at, next_attempt_at } = received;
  const facts = [colored(status, status)];
  if (processed_at) facts.push(processed_at.toISOString());
  if (attempts > 0) facts.push(`${attempts} ${attempts === 1 ? "failure" : "failures"}`);
  if (status === "failed" && next_attempt_at) facts.push(`next try ${next_attempt_at.toISOString()}`);
  return `${target}: ${facts.join(", ")}`;
}

const errorLines = (error: string | null): string[] => (error === null ? [] : harmless(error).split("\n"));

/** What is done is green, what has failed is red, and what is under way yellow: on a terminal alone. */
function colored(status: string, text: string): string {
  if (status === "processed" || status === "done") return styleText("green", text);
  return styleText(status === "failed" || status === "dead" ? "red" : "yellow", text);
}
