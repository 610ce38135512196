/**
 * The versions of a service's REST interface, for the mixin `rest`. A service keeps one value for the service files of all
 * its versions: `export const versions: Versions = { latest: 1 }`.
 */
export interface Versions {
  /** The version that answers at `/<service>/...`. Every version answers at `/<service>/v<version>/...`. */
  readonly latest: number;
  /** Deprecated versions, by number. Their answers say so in headers. Default: none. */
  readonly deprecated?: Readonly<Record<number, Deprecation>>;
}

/** When a version was deprecated, and when it is removed; dates as `2026-11-01`. */
export interface Deprecation {
  readonly since: string;
  readonly sunset: string;
}

/** Whether a service's setting `face` can make paths: its prefix is lowercase letters and digits, a letter first. */
export function isRestSettings(settings: unknown): settings is RestSettings {
  if (typeof settings !== "object" || settings === null) return false;
  const { prefix, latest } = settings as Partial<Record<keyof RestSettings, unknown>>;
  return typeof prefix === "string" && /^[a-z][a-z0-9]*$/.test(prefix) && typeof latest === "number";
}

/** The setting `face` of a service, which the gateway reads from Moleculer's registry. */
export interface RestSettings extends Versions {
  /** First segment of every path: the name of the service. */
  readonly prefix: string;
}
