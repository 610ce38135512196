import type pg from "pg";
import type { Sequelize } from "sequelize";

/** A pooled connection. `uuid` marks whose transaction it serves; Sequelize reads it. */
export type Connection = pg.Client & {
  uuid?: string | undefined;
  /** Of the server's process; null before the connection is made. */
  readonly processID: number | null;
  /** The protocol underneath; not in the type declarations. */
  readonly connection: { readonly stream: { destroy(): void } };
};

/** The part of Sequelize's connection manager that Postbox uses; it is public but not in its type declarations. */
export interface ConnectionPool {
  getConnection(options: { type: "write"; uuid: string }): Promise<Connection>;
  releaseConnection(connection: Connection): void;
  destroyConnection(connection: Connection): Promise<void>;
}

export function connectionPool(sequelize: Sequelize): ConnectionPool {
  return sequelize.connectionManager as unknown as ConnectionPool;
}
