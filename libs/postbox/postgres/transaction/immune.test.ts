import { expect, test } from "@jest/globals";
import { immune } from "./immune.ts";

test.each(["insert into t (a) values ($1)", "update t set a = $1", " delete from t where a = $1"])(
  "'%s' returns nothing and stays prepared in the transaction of a request",
  (text) => {
    expect(immune({ name: "n", text, values: [1] })).toEqual({ name: "n", text, values: [1] });
  },
);

test.each([
  "select * from t",
  "insert into t (a) values ($1) returning *",
  "update t set a = $1\n  RETURNING id",
  "with moved as (update t set a = 1 returning id) select id from moved",
])("'%s' returns rows and is planned anew there", (text) => {
  expect(immune({ name: "n", text, values: [1] })).toEqual({ text, values: [1] });
  expect(immune({ name: "n", text })).toEqual({ text });
});

test("a statement whose columns are fixed stays prepared", () => {
  expect(immune({ name: "n", text: "select id::uuid from t", fixedColumns: true })).toHaveProperty("name", "n");
});
