import type { Context, Service, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import type { Model, ModelStatic, WhereOptions } from "sequelize";
import type { Models } from "../libs/postbox/delivery/inbox/handlers/handler.ts";
import type { Mixin } from "../libs/postbox/node/service/service.ts";
import { ServiceAdapter } from "../libs/postbox/postgres/sequelize/service-adapter.ts";

/** Which page of a list is asked for. */
export interface ListParams {
  /** Conditions, as Sequelize's `where`. */
  readonly query: WhereOptions;
  /** Fields to sort by. A `-` before a field sorts in descending order. */
  readonly sort: readonly string[];
  /** From 1. */
  readonly page: number;
  /** Rows of a page. */
  readonly pageSize: number;
}

/** One page of rows, and the number of rows on all pages. */
export interface EntityPage<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** The methods of moleculer-db with types of ours. They join the transaction that they are called in. */
export interface EntityMethods {
  _list<Row>(ctx: Context, params: ListParams & { limit: number; offset: number }): Promise<EntityPage<Row>>;
  _create<Row>(ctx: Context | null, entity: Row): Promise<Row>;
}

/**
 * Gives a service moleculer-db on one of its models, for listing, paging and filtering. Stands after `store` in the
 * service's mixins. Its methods join the transaction that they are called in.
 *
 * ```ts
 * mixins: [store("users", defineModels), entities<UsersModels>("Profile")]
 * // in an action:
 * const { rows, total } = await this._list<Row>(ctx, { query, sort: ["-created_at"], page: 1, pageSize: 20, … });
 * ```
 *
 * The actions of moleculer-db are left out: they do not say who may call them and what they take.
 *
 * @param model the name of a model that `defineModels` makes.
 */
export function entities<M extends Models>(model: keyof M & string): Mixin<EntityMethods, { adapter: ServiceAdapter }> {
  // moleculer-db's type declarations leave out the properties of its schema.
  const { settings, created, ...schema } = DbService as unknown as ServiceSchema;
  const modelOf = (service: Service): ModelStatic<Model> => Reflect.get(service, "models")[model];
  return {
    schema: {
      ...schema,
      actions: {},
      settings: Object.assign({}, settings, { idField: "id" }),
      created: [
        function (this: Service) {
          // Made here, because Moleculer clones schemas, and a cloned adapter does not work.
          Reflect.set(this.schema, "adapter", new ServiceAdapter(modelOf));
        },
        ...(typeof created === "function" ? [created] : []),
      ],
    },
  };
}
