import { expect, test } from "@jest/globals";
import { PostboxError } from "postbox";
import { ConnectionError, ConnectionRefusedError, DatabaseError } from "sequelize";
import { databaseFault, endsUse } from "./fault.ts";
import { sqlState } from "./sql-state.ts";

const coded = (code: string, message = "no") => Object.assign(new Error(message), { code });
/** As Sequelize wraps an error of a statement. */
const wrapped = (error: Error) => new DatabaseError(Object.assign(error, { sql: "select 1" }));

test.each([
  [
    "a plan that a change of the schema made invalid",
    coded("0A000", "cached plan must not change result type"),
    "stale",
  ],
  ["a feature that Postgres lacks", coded("0A000", "cannot set a subscript"), undefined],
  ["a prepared statement that is gone", coded("26000"), "stale"],
  ["a demoted primary", coded("25006"), "read-only"],
  ["a server that goes down", coded("57P01"), "away"],
  ["a server that starts", coded("57P03"), "away"],
  ["too many clients", new ConnectionError(coded("53300")), "away"],
  ["a full disk", coded("53100"), "away"],
  ["a lost connection", coded("08006"), "away"],
  ["a refused connection", new ConnectionRefusedError(coded("ECONNREFUSED")), "away"],
  ["a broken pipe under a model", wrapped(coded("EPIPE")), "away"],
  ["an end of the connection under a model", wrapped(new Error("Connection terminated unexpectedly")), "away"],
  ["a connection of the runtime that was lost", new PostboxError("connection-lost"), "away"],
  ["a lock that is not released", coded("55P03"), "busy"],
  ["a deadlock under a model", wrapped(coded("40P01")), "busy"],
  ["a broken rule", coded("23505"), undefined],
  ["a name that is taken", wrapped(coded("23505")), undefined],
  ["an answer of the catalogue", new PostboxError("not-found"), undefined],
  ["any other error", new Error("no"), undefined],
])("%s is known for what it is", (_, error, fault) => {
  expect(databaseFault(error)).toBe(fault);
});

test("a connection is kept whose server lacks something or makes it wait, and no other one after a fault", () => {
  for (const state of ["53100", "53300", "55P03", "40001", "23505"]) expect(endsUse(coded(state))).toBe(false);
  for (const state of ["26000", "25006", "57P01", "08006"]) expect(endsUse(coded(state))).toBe(true);
});

test("no code of the operating system is a SQLSTATE, though some have five capitals", () => {
  expect(sqlState(coded("EPIPE"))).toBeUndefined();
  expect(sqlState(wrapped(coded("EPIPE")))).toBeUndefined();
  expect(sqlState(coded("XX000"))).toBe("XX000");
});
