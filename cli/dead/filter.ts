import type { DeadLetterFilter } from "../../libs/postbox/delivery/operations/dead-letter-filter.ts";

export interface FilterFlags {
  readonly event?: string;
  readonly target?: string;
  readonly key?: string;
}

export function toFilter({ event, target, key }: FilterFlags): DeadLetterFilter {
  return {
    ...(event !== undefined && { eventType: event }),
    ...(target !== undefined && { target }),
    ...(key !== undefined && { key }),
  };
}
