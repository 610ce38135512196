import type { Context, Service, ServiceHooks, ServiceSchema, ServiceSettingSchema } from "moleculer";

/** `object`, not a record of functions: against such a record TypeScript would give generic methods `never`. */
type Methods = object;
type Lifecycle<This> = (this: This) => void | Promise<void>;

/** A mixin, with the types of the methods and fields that it gives a service. Made by `mixin()`. */
export interface Mixin<M, V> {
  readonly schema: Partial<ServiceSchema>;
  /** Carries the types; never present as a value. */
  readonly types?: { readonly methods: M; readonly fields: V };
}

type Intersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never;
type MixedOf<List extends readonly Mixin<unknown, unknown>[]> = [List[number]] extends [never]
  ? unknown
  : Intersection<List[number] extends infer One ? (One extends Mixin<infer M, infer V> ? M & V : never) : never>;

interface Declared<This, M> {
  settings?: ServiceSettingSchema & Record<string, unknown>;
  methods?: M & ThisType<This>;
  events?: Readonly<Record<string, (this: This, ctx: Context) => unknown>>;
  hooks?: ServiceHooks<This>;
  created?: (this: This) => void;
  started?: Lifecycle<This>;
  stopped?: Lifecycle<This>;
}

interface MixinDeclaration<M, V> extends Declared<Service & M & V, M> {
  actions?: ServiceSchema["actions"];
  /** Says that a service with this mixin is the one that the outside reaches. Default: it is not. */
  edge?: true;
}

interface ServiceDeclaration<M, List extends readonly Mixin<unknown, unknown>[]>
  extends Declared<Service & M & MixedOf<List>, M> {
  name: string;
  version?: number;
  mixins?: List;
  dependencies?: ServiceSchema["dependencies"];
  actions?: ServiceSchema["actions"];
}

/**
 * Declares a mixin. `Fields` are what its `created` puts on the service; connections and pools belong there, because
 * Moleculer deep-clones schemas.
 *
 * ```ts
 * export const clock = mixin<{ startedAt: Date }>()({
 *   created() {
 *     Object.assign(this, { startedAt: new Date() });
 *   },
 *   methods: {
 *     age(): number {
 *       return Date.now() - this.startedAt.getTime();
 *     },
 *   },
 * });
 * ```
 */
export function mixin<Fields = unknown>() {
  return <M extends Methods>(declaration: MixinDeclaration<M, Fields>): Mixin<M, Fields> => ({
    schema: declaration as unknown as Partial<ServiceSchema>,
  });
}

/**
 * Declares a service file, whose default export it is. In `methods`, `created`, `started` and `stopped`, `this` has the
 * methods and fields of all mixins.
 *
 * ```ts
 * export default service({
 *   name: "orders",
 *   version: 1,
 *   mixins: [store("orders", defineModels), rest("orders", versions), operations()],
 *   actions: { place, cancel },
 * });
 * ```
 *
 * @throws TypeError for a method that two mixins, or a mixin and the service, have under one name: Moleculer would silently
 * let one replace the other.
 */
export function service<
  const List extends readonly Mixin<unknown, unknown>[],
  M extends Methods = Record<never, never>,
>(declaration: ServiceDeclaration<M, List>): ServiceSchema {
  const mixins = (declaration.mixins ?? []).map((one) => one.schema);
  const seen = new Set<string>();
  for (const schema of [...mixins, { methods: declaration.methods }])
    for (const method of Object.keys(schema.methods ?? {})) {
      if (seen.has(method))
        throw new TypeError(`Service '${declaration.name}' has two methods named '${method}'; rename one.`);
      seen.add(method);
    }
  return { ...declaration, mixins } as unknown as ServiceSchema;
}
