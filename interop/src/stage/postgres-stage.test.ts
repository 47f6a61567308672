import { describe, expect, it } from "vitest";
import type { FoundPython } from "../peer/find-python.js";
import { findPostgres } from "./postgres-stage.js";

const pythonWith = (...modules: readonly string[]): FoundPython => ({
  python: { path: "/bin/python3", celery: "5.6.3", hasTypedJson: true, modules },
});

describe("findPostgres", () => {
  const env = { CELERIAC_POSTGRES_URL: "postgresql://me:secret@127.0.0.1:5432/postgres" };

  it.each([
    [["sqlalchemy", "psycopg", "psycopg2"], "postgresql+psycopg://me:secret@127.0.0.1:5432/postgres"],
    [["sqlalchemy", "psycopg2"], "postgresql+psycopg2://me:secret@127.0.0.1:5432/postgres"],
  ])("names the best driver of %j in the URL", (modules, url) => {
    expect(findPostgres(env, pythonWith(...modules))).toEqual({ url, python: "/bin/python3" });
  });

  it("replaces what the URL says of driver and dialect", () => {
    for (const scheme of ["postgres", "postgresql+asyncpg"]) {
      const found = findPostgres({ CELERIAC_POSTGRES_URL: `${scheme}://h/db` }, pythonWith("sqlalchemy", "psycopg"));
      expect(found).toMatchObject({ url: "postgresql+psycopg://h/db" });
    }
  });

  it("says what is missing", () => {
    expect(findPostgres({}, pythonWith("sqlalchemy", "psycopg"))).toMatchObject({
      missing: expect.stringContaining("CELERIAC_POSTGRES_URL is not set"),
    });
    expect(findPostgres(env, pythonWith("sqlalchemy"))).toMatchObject({
      missing: expect.stringContaining("/bin/python3 cannot import sqlalchemy and psycopg"),
    });
    expect(findPostgres(env, { missing: "no Python" })).toEqual({ missing: "no Python" });
  });
});
