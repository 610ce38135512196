import type pg from "pg";

/**
 * Keeps a connection from being handed out again: its pool closes the connection instead.
 *
 * sequelize/lib/dialects/postgres/connection-manager.js: `validate` reads `_invalid`.
 */
export const markUnusable = (connection: pg.Client): void => void Object.assign(connection, { _invalid: true });

export const isUnusable = (connection: pg.Client): boolean => Reflect.get(connection, "_invalid") === true;
