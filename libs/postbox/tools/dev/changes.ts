/** Paths that have changed and that nobody has dealt with yet. */
export interface Changes {
  add(paths: readonly string[]): void;
  /** Settles when there are some. */
  waiting(): Promise<void>;
  /** Takes them all, sorted. */
  take(): readonly string[];
}

export function collectChanges(): Changes {
  const paths = new Set<string>();
  let arrived = Promise.withResolvers<void>();
  return {
    add: (more) => {
      for (const path of more) paths.add(path);
      arrived.resolve();
    },
    waiting: () => arrived.promise,
    take: () => {
      const taken = [...paths].sort();
      paths.clear();
      arrived = Promise.withResolvers();
      return taken;
    },
  };
}
