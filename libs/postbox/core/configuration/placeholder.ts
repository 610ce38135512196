/** What a secret is set to in examples: it works in local, with a warning, and is refused everywhere else. */
export const placeholder = "changethis";
