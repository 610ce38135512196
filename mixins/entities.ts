import type { Context, Service, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import type { Model, ModelStatic, WhereOptions } from "sequelize";
import type { Models } from "../libs/postbox/delivery/inbox/handlers/handler.ts";
import type { Mixin } from "../libs/postbox/node/service/service.ts";
import { ServiceAdapter } from "../libs/postbox/postgres/sequelize/service-adapter.ts";

/** What a list is asked for. */
export interface ListParams {
  readonly query: WhereOptions;
  /** Fields to sort by; `-` before one turns it round. */
  readonly sort: readonly string[];
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
}

/** One page, and how many rows there are on all of them. */
export interface EntityPage<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** moleculer-db's methods that services here use. */
export interface EntityMethods {
  _list<Row>(ctx: Context, params: ListParams & { limit: number; offset: number }): Promise<EntityPage<Row>>;
  _create<Row>(ctx: Context | null, entity: Row): Promise<Row>;
}

/**
 * moleculer-db on one of the service's models, for listing, paging and filtering. Stands after `store` in a service's
 * mixins. Its methods join the transaction they are called in. None of its actions is published: an action says who
 * may call it and what it takes, and these do not.
 */
export function entities<M extends Models>(model: keyof M & string): Mixin<EntityMethods, { adapter: ServiceAdapter }> {
  // The declarations of moleculer-db leave out what is in its schema.
  const { settings, created, ...schema } = DbService as unknown as ServiceSchema;
  const modelOf = (service: Service): ModelStatic<Model> => Reflect.get(service, "models")[model];
  return {
    schema: {
      ...schema,
      actions: {},
      settings: Object.assign({}, settings, { idField: "id" }),
      created: [
        function (this: Service) {
          // Put in here, not in the schema: a schema is cloned, and an adapter is not what a clone of it would be.
          Reflect.set(this.schema, "adapter", new ServiceAdapter(modelOf));
        },
        ...(typeof created === "function" ? [created] : []),
      ],
    },
  };
}
