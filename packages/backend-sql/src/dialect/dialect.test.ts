import { describe, expect, it } from "vitest";
import { DIALECTS } from "./dialect-table.js";
import { readBytes, readDateMs, readNumber, readText, writeDate } from "./read-value.js";
import { isAtLeast } from "./server-version.js";

const UPSERT = {
  ...{ into: "t", key: ["k"], columns: ["k", "status", "v"], rows: [["a", "S", 1]] },
  final: { column: "status", value: "SUCCESS" },
} as const;

describe("dialects", () => {
  it("a row with the final state stays as it is, in every dialect", () => {
    expect(DIALECTS.postgres.upsert({ ...UPSERT, id: "nextval('s')" })).toEqual({
      sql:
        `INSERT INTO t AS kept ("id", "k", "status", "v") VALUES (nextval('s'), $1, $2, $3) ON CONFLICT ("k") DO UPDATE SET ` +
        `"status" = excluded."status", "v" = excluded."v" WHERE COALESCE(kept."status", '') <> $4`,
      parameters: ["a", "S", 1, "SUCCESS"],
    });
    expect(DIALECTS.sqlite.upsert(UPSERT).sql).toContain(`WHERE COALESCE(kept."status", '') <> ?`);
    const { sql } = DIALECTS.mysql.upsert(UPSERT);
    expect(sql.indexOf("`v` = IF(")).toBeLessThan(sql.indexOf("`status` = IF("));
  });

  it("names are quoted, whatever they are", () => {
    expect(DIALECTS.postgres.quote('a"b')).toBe('"a""b"');
    expect(DIALECTS.mysql.quote("a`b")).toBe("`a``b`");
    expect(DIALECTS.postgres.nextValue({ schema: "it's", name: "s" })).toBe(`nextval('"it''s"."s"')`);
  });

  it.each([
    ["postgres", { version: "9.6.24", mode: "90624" }, /PostgreSQL 9\.6\.24 is too old.*PostgreSQL 10/],
    ["mysql", { version: "5.7.7-log", mode: "" }, /MySQL 5\.7\.7-log is too old/],
    ["mysql", { version: "10.2.44-MariaDB", mode: "" }, /MariaDB 10\.2\.44 is too old/],
    ["mysql", { version: "8.4.0", mode: "STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES" }, /NO_BACKSLASH_ESCAPES/],
    ["sqlite", { version: "3.37.2" }, /SQLite 3\.37\.2 is too old/],
  ] as const)("a server of %s that is too old or unsafe is refused", (dialect, row, message) => {
    const failure = expect.objectContaining({ code: "BACKEND_REFUSED", retryable: false });
    expect(() => DIALECTS[dialect].readServer(row)).toThrow(message);
    expect(() => DIALECTS[dialect].readServer(row)).toThrow(failure);
  });

  it("ids come from sequences where SQLAlchemy takes them from there", () => {
    expect(DIALECTS.mysql.readServer({ version: "8.4.0", mode: "" })).toMatchObject({ hasSequences: false });
    expect(DIALECTS.mysql.readServer({ version: "11.4.2-MariaDB-log", mode: "" })).toMatchObject({
      hasSequences: true,
    });
    expect(DIALECTS.postgres.readServer({ version: "15.18", mode: "150018" })).toMatchObject({ hasSequences: true });
  });

  it.each([
    ["3.38.0", [3, 38], true],
    ["3.9.1", [3, 38], false],
    ["10", [10, 3], false],
    ["11.0.1-MariaDB", [10, 3], true],
    ["", [1], false],
  ] as const)("version %j is at least %j: %j", (version, wanted, expected) => {
    expect(isAtLeast(version, wanted)).toBe(expected);
  });
});

describe("values of drivers", () => {
  it("are one type, whatever the driver gives", () => {
    expect(readBytes(new Uint8Array([1]).buffer)).toEqual(new Uint8Array([1]));
    expect(readBytes(Buffer.from([1]))).toEqual(Buffer.from([1]));
    expect(readBytes(null)).toBeUndefined();
    expect(readText(Buffer.from("é"))).toBe("é");
    expect(readNumber("12")).toBe(12);
    expect(readNumber(12n)).toBe(12);
    expect(readNumber(null)).toBeUndefined();
    expect(readNumber("")).toBeUndefined();
  });

  it("dates are naive UTC", () => {
    const ms = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
    expect(writeDate(ms, 7)).toBe("2026-01-02 03:04:05.006007");
    expect(readDateMs("2026-01-02 03:04:05.006007")).toBe(ms);
    expect(readDateMs("2026-01-02 03:04:05")).toBe(ms - 6);
    expect(readDateMs(null)).toBeUndefined();
    expect(readDateMs("yesterday")).toBeUndefined();
  });
});
