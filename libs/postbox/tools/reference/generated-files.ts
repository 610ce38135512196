/** Every file that `npm run generate` writes. A new service changes them. */
export const generatedFiles = [
  ".env.example",
  "deploy/compose.env.example",
  "deploy/nats/nats.conf",
  "docker-compose.yml",
  "docs/reference/command-line.md",
  "docs/reference/configuration.md",
  "docs/reference/errors.md",
  "docs/reference/metrics.md",
] as const;
