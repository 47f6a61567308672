import { describe, expect, it } from "vitest";
import { resultMigrations } from "./result-migrations.js";

const namesOf = (...options: Parameters<typeof resultMigrations>): readonly (string | undefined)[] =>
  resultMigrations(...options).map((Migration) => new Migration().name);

describe("migrations", () => {
  it("keep their names, by which databases remember them", () => {
    expect(namesOf({ nativeChords: true })).toEqual([
      "CeleriacCreateResultTables1795219200000",
      "CeleriacAddResultColumns1795219200001",
      "CeleriacCreateChordTables1795219200002",
    ]);
    expect(namesOf({ tableNames: { task: "mine" }, tableSchemas: { group: "s" } })).toEqual([
      "CeleriacCreateResultTables_857466fd9555_1795219200000",
      "CeleriacAddResultColumns_857466fd9555_1795219200001",
    ]);
  });

  it("of different tables have different names, short enough for typeorm", () => {
    const options = [
      {},
      { tableNames: { task: "a" } },
      { tableNames: { group: "a" } },
      { tableSchemas: { task: "a" } },
      { tableNames: { task: "ü".repeat(31), group: "x".repeat(63) } },
    ];
    const names = options.flatMap((one) => namesOf(one));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z]+(?:_[0-9a-f]{12}_)?\d{13}$/);
  });

  it("are refused for a table name that cannot be one", () => {
    expect(() => resultMigrations({ tableNames: { task: 'a"b' } })).toThrow(/tableNames\.task/);
  });
});
