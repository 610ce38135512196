import type { Service, ServiceBroker } from "moleculer";
import SequelizeDbAdapter from "moleculer-db-adapter-sequelize";
import type { Model, ModelStatic } from "sequelize";

/** The version of `moleculer-db-adapter-sequelize` whose source this file was checked against. */
export const adapterVersion = "0.2.19";

/** The fields that the methods of moleculer-db's adapter work on; its type declarations leave them out. */
interface AdapterFields {
  broker: ServiceBroker;
  service: Service;
  model: ModelStatic<Model>;
  db: unknown;
}

/**
 * moleculer-db's Sequelize adapter on a model that is open already. Each call joins the caller's transaction.
 *
 * The model is fetched when the service starts. A Sequelize instance handed to the constructor would hang the broker's
 * start: Moleculer deep-clones schemas, and the instance with them.
 */
export class ServiceAdapter extends SequelizeDbAdapter {
  readonly #modelOf: (service: Service) => ModelStatic<Model>;

  constructor(modelOf: (service: Service) => ModelStatic<Model>) {
    super({});
    this.#modelOf = modelOf;
  }

  override init(broker: ServiceBroker, service: Service): void {
    Object.assign(this, { broker, service });
  }

  override async connect(): Promise<void> {
    const fields = this as unknown as AdapterFields;
    fields.model = this.#modelOf(fields.service);
    fields.db = fields.model.sequelize;
    Object.assign(fields.service, { model: fields.model });
  }

  /** Does nothing: whoever opened the database closes it. */
  override async disconnect(): Promise<void> {}
}
