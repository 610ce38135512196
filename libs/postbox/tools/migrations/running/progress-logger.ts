/** Where the runner reports its progress, while it works. */
export interface ProgressLogger {
  info(message: string): void;
  warn(message: string): void;
}
