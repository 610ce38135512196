import type { Service, ServiceBroker } from "moleculer";
import SequelizeDbAdapter from "moleculer-db-adapter-sequelize";
import type { Model, ModelStatic } from "sequelize";

/** The fields of moleculer-db's adapter that its methods work on; its type declarations leave them out. */
interface AdapterFields {
  broker: ServiceBroker;
  service: Service;
  model: ModelStatic<Model>;
  db: unknown;
}

/**
 * moleculer-db's Sequelize adapter on a model that is open already. Handing a Sequelize to the adapter's constructor
 * would hang the broker's start: Moleculer deep-clones schemas, and with them the instance. So the model is fetched
 * when the service starts. Through its database's store, every call joins the caller's transaction.
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

  /** The database is closed by whoever opened it. */
  override async disconnect(): Promise<void> {}
}
