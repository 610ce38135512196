import type { ServiceBroker } from "moleculer";
import type { Sequelize } from "sequelize";
import { config } from "../config/config.ts";
import { databaseOptions } from "../config/databases.ts";
import type { ServiceName } from "../config/services.ts";
import { Database } from "../database/database.ts";
import type { Models } from "../inbox/handler.ts";

/** What the api, the worker and the scheduler of one service share in one process: its database and its models. */
export class ServiceRuntime<M extends Models = Models> {
  readonly broker: ServiceBroker;
  readonly name: ServiceName;
  readonly database: Database;
  readonly models: M;

  constructor(broker: ServiceBroker, name: ServiceName, defineModels: (sequelize: Sequelize) => M) {
    this.broker = broker;
    this.name = name;
    this.database = new Database(databaseOptions(config(), name));
    this.models = defineModels(this.database.sequelize);
  }

  async open(): Promise<void> {
    await this.database.query({ text: "select 1" });
  }

  async close(): Promise<void> {
    await this.database.close();
  }
}
