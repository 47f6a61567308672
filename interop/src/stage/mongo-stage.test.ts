import { expect, it } from "vitest";
import { inDatabase } from "./mongo-stage.js";

it.each([
  ["mongodb://127.0.0.1:27017", "mongodb://127.0.0.1:27017/mine"],
  ["mongodb://127.0.0.1:27017/?directConnection=true", "mongodb://127.0.0.1:27017/mine?directConnection=true"],
  ["mongodb://me:secret@one,two/celery", "mongodb://me:secret@one,two/mine?authSource=admin"],
  ["mongodb://me:secret@one/celery?authSource=users", "mongodb://me:secret@one/mine?authSource=users"],
  ["mongodb+srv://cluster.example.org/", "mongodb+srv://cluster.example.org/mine"],
])("names another database of %s", (url, expected) => {
  expect(inDatabase(url, "mine")).toBe(expected);
});
