/** The value of secrets in examples. Local takes it with a warning; everywhere else it is refused. */
export const placeholder = "changethis";
