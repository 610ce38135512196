import { type CodesOf, defineErrors } from "postbox/schema";

/** The error codes of this service. */
export const errors = defineErrors({
  "profile-pending": { status: 503, title: "The user's record is on its way", retry: "later", public: true },
});

declare module "postbox/schema" {
  interface ServiceErrors extends CodesOf<typeof errors> {}
}
