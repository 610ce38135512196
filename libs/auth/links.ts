import { Type } from "typebox";

/** What a link in a mail can be used for, once. */
export const linkPurposes = ["verification", "reset"] as const;
export type LinkPurpose = (typeof linkPurposes)[number];

export const linkPurpose = Type.Enum([...linkPurposes]);

/** Seconds for which a link works. */
export const linkSeconds: Record<LinkPurpose, number> = { verification: 24 * 3600, reset: 3600 };

/** The context that the token of a link is sealed for. */
export function linkContext(userId: string, purpose: LinkPurpose): string {
  return `${purpose} ${userId}`;
}
