import { Type } from "typebox";

/** What a link that is sent by mail is good for, once. */
export const linkPurposes = ["verification", "reset"] as const;
export type LinkPurpose = (typeof linkPurposes)[number];

export const linkPurpose = Type.Enum([...linkPurposes]);

/** How long a link works, in seconds. */
export const linkSeconds: Record<LinkPurpose, number> = { verification: 24 * 3600, reset: 3600 };

/** What a sealed token is bound to. */
export function linkContext(userId: string, purpose: LinkPurpose): string {
  return `${purpose} ${userId}`;
}
