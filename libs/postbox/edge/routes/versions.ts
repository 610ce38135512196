/** The versions of a service's REST interface: named in one place, taken by the service file of each. */
export interface Versions {
  /** The version that `/<service>/...` is. Each version also has `/<service>/v<version>/...`. */
  readonly latest: number;
  /** Versions on their way out, by number. */
  readonly deprecated?: Readonly<Record<number, Deprecation>>;
}

/** When a version was deprecated and when it goes, as dates: `2026-11-01`. */
export interface Deprecation {
  readonly since: string;
  readonly sunset: string;
}

/** What the gateway reads of a service, by Moleculer's registry. */
export interface RestSettings extends Versions {
  /** First step of the path; the service's name. */
  readonly prefix: string;
}
