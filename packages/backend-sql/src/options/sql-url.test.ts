import { describe, expect, it } from "vitest";
import { parseSqlUrl, SQL_SCHEMES } from "./sql-url.js";

describe("a URL", () => {
  it.each([
    [
      "db+postgresql://u:p@h:5433/d",
      { dialect: "postgres", host: "h", port: 5433, username: "u", password: "p", database: "d" },
    ],
    ["postgresql+psycopg2://u:p%40%3A%2F@h/d", { dialect: "postgres", password: "p@:/", port: undefined }],
    ["postgres://h/d?sslmode=require&connect_timeout=3", { query: { sslmode: "require", connect_timeout: "3" } }],
    ["postgresql:///d?host=/run/pg", { host: undefined, database: "d", query: { host: "/run/pg" } }],
    ["db+mysql+pymysql://root@[::1]:3307/d", { dialect: "mysql", host: "::1", port: 3307, password: undefined }],
    ["mariadb://h", { dialect: "mysql", host: "h", database: undefined }],
    ["db+sqlite:///results.db", { dialect: "sqlite", database: "results.db" }],
    ["db+sqlite:////var/lib/results.db", { database: "/var/lib/results.db" }],
    ["sqlite://", { database: ":memory:" }],
    ["sqlite:///:memory:", { database: ":memory:" }],
    ["DB+PostgreSQL://h/d", { dialect: "postgres" }],
  ])("%s is read", (url, target) => {
    expect(parseSqlUrl(url)).toMatchObject(target);
  });

  it.each([
    ["oracle://u:secret@h/d", /oracle/],
    ["postgresql://u:sec@ret@h/d", /%40/],
    ["sqlite://results.db", /sqlite:\/\/\/file\.db/],
    ["postgresql://u:%zz@h/d", /%25/],
    ["postgresql:h", /postgresql/],
  ])("%s is refused, without its password", (url, reason) => {
    const read = (): unknown => parseSqlUrl(url);
    expect(read).toThrow(reason);
    expect(read).not.toThrow(/secret|sec@ret/);
  });

  it("every scheme that is claimed is read", () => {
    for (const scheme of SQL_SCHEMES) {
      const rest = scheme.includes("sqlite") ? "" : "host/database";
      expect(parseSqlUrl(`${scheme}://${rest}`).database).toBeDefined();
    }
    expect(SQL_SCHEMES).toEqual(
      expect.arrayContaining(["db+postgresql", "db+mysql+pymysql", "sqlite", "postgresql+psycopg"]),
    );
  });
});
