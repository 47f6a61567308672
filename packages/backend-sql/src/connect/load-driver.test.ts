import { describe, expect, it } from "vitest";
import { loadDriver } from "./load-driver.js";

const absent = async (name: string): Promise<never> => {
  throw new Error(`Cannot find package '${name}'\nwith details`);
};
class Sqlite {
  close(): void {}
}

describe("drivers", () => {
  it.each([
    ["postgres", /PostgreSQL need the package pg: npm install pg/],
    ["mysql", /MySQL need the package mysql2: npm install mysql2/],
    ["sqlite", /SQLite need the package better-sqlite3 or libsql: npm install better-sqlite3@12/],
  ] as const)("the package that is missing for %s is named", async (dialect, message) => {
    await expect(loadDriver(dialect, absent)).rejects.toMatchObject({ code: "CONFIG_INVALID", message });
  });

  it("libsql serves where better-sqlite3 is absent or has no binary", async () => {
    class NoBinary {
      constructor() {
        throw new Error("Could not locate the bindings file.");
      }
    }
    for (const first of [absent, async () => ({ default: NoBinary })]) {
      const load = (name: string): Promise<unknown> =>
        name === "libsql" ? Promise.resolve({ default: Sqlite }) : first(name);
      expect(await loadDriver("sqlite", load)).toBe(Sqlite);
    }
  });
});
