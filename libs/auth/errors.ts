import { type CodesOf, defineErrors } from "postbox/schema";

/** The error codes of this service. */
export const errors = defineErrors({
  "no-change": { status: 400, title: "The new value is the present one", retry: "never" },
  "wrong-password": { status: 400, title: "The present password is another", retry: "never" },
  "link-invalid": { status: 400, title: "The link does not work, or not any more", retry: "never" },
  "wrong-credentials": { status: 401, title: "Wrong username or password", retry: "never" },
  "unverified-user": { status: 403, title: "The address of this user is not verified yet", retry: "never" },
  "disabled-user": { status: 403, title: "This user is shut out", retry: "never" },
  "username-taken": { status: 409, title: "The username is taken", retry: "never" },
  "email-taken": { status: 409, title: "The email address is taken", retry: "never" },
  "too-many-attempts": { status: 429, title: "Too many wrong passwords", retry: "later" },
});

declare module "postbox/schema" {
  interface ServiceErrors extends CodesOf<typeof errors> {}
}
