import { BackendError } from "@celeriac/core/errors";
import { describe, expect, it } from "vitest";
import { describeFailure, failureKind, isBlocked, isForbidden, isReadOnly } from "./sql-failure.js";

const failure = (message: string, facts: object): Error => Object.assign(new Error(message), facts);

describe("failures", () => {
  it.each([
    ["refused connection", failure("connect", { code: "ECONNREFUSED" }), "lost"],
    ["every address refused", new AggregateError([failure("connect", { code: "ECONNREFUSED" })]), "lost"],
    ["PostgreSQL shutting down", failure("terminating", { code: "57P01" }), "lost"],
    ["PostgreSQL, class 08", failure("x", { code: "08006" }), "lost"],
    ["PostgreSQL's pool", failure("timeout exceeded when trying to connect", {}), "lost"],
    ["MySQL's lost connection", failure("x", { code: "PROTOCOL_CONNECTION_LOST" }), "lost"],
    ["deadlock in PostgreSQL", failure("x", { code: "40P01" }), "conflict"],
    ["deadlock in MySQL", failure("x", { code: "ER_LOCK_DEADLOCK", errno: 1213 }), "conflict"],
    ["busy SQLite", failure("x", { code: "SQLITE_BUSY_SNAPSHOT" }), "conflict"],
    ["full disk in PostgreSQL", failure("x", { code: "53100" }), "full"],
    ["read-only MySQL", failure("x", { code: "ER_OPTION_PREVENTS_STATEMENT", errno: 1290 }), "full"],
    ["full disk in SQLite", failure("x", { code: "SQLITE_FULL" }), "full"],
    ["wrong password", failure("x", { code: "28P01" }), "auth"],
    ["MySQL's wrong password", failure("x", { code: "ER_ACCESS_DENIED_ERROR", errno: 1045 }), "auth"],
    ["cancelled statement", failure("x", { code: "57014" }), "timeout"],
    ["missing table", failure("x", { code: "42P01" }), "refused"],
    ["anything else", "text", "refused"],
  ])("%s", (_name, error, kind) => {
    expect(failureKind(error)).toBe(kind);
    expect(failureKind(Object.assign(new Error("wrapped"), { driverError: error }))).toBe(
      error instanceof Error ? kind : "refused",
    );
  });

  it("say what failed where and whether trying again makes sense, without the values of the statement", () => {
    const cause = failure("disk full", { code: "53100" });
    const wrapped = Object.assign(new Error("disk full"), { driverError: cause, parameters: ["secret"] });
    const error = describeFailure("full", "storing 1 results", "PostgreSQL h/d", wrapped);
    expect(error).toMatchObject({ code: "BACKEND_REFUSED", retryable: true, cause });
    expect(error.message).toBe("PostgreSQL h/d cannot write now while storing 1 results. disk full.");
    expect(describeFailure("refused", "x", "y", failure("big", { code: "ER_DATA_TOO_LONG" })).message).toMatch(
      /LONGBLOB/,
    );
  });

  it("of a server that wants TLS say how to", () => {
    const entry = 'no pg_hba.conf entry for host "h", user "u", database "d"';
    const advised = (message: string): string =>
      describeFailure("auth", "x", "y", failure(message, { code: "28000" })).message;
    expect(advised(`${entry}, no encryption`)).toMatch(/sslmode=require/);
    expect(advised(`${entry}, SSL off`)).toMatch(/sslmode=require/);
    expect(advised(`${entry}, SSL encryption`)).toMatch(/Check user, password and database/);
  });

  it.each([
    [failure("lock timeout", { code: "55P03" }), [true, false, false]],
    [failure("lock wait timeout", { code: "ER_LOCK_WAIT_TIMEOUT", errno: 1205 }), [true, false, false]],
    [failure("must be owner", { code: "42501" }), [false, true, false]],
    [failure("ALTER denied", { code: "ER_TABLEACCESS_DENIED_ERROR", errno: 1142 }), [false, true, false]],
    [failure("replica", { code: "25006" }), [false, false, true]],
    [failure("read-only file", { code: "SQLITE_READONLY_DBMOVED" }), [false, false, true]],
    [failure("missing", { code: "42P01" }), [false, false, false]],
  ])("of a change of tables are told apart: %s", (error, expected) => {
    expect([isBlocked(error), isForbidden(error), isReadOnly(error)]).toEqual(expected);
  });

  it("pass a typed error through", () => {
    const typed = new BackendError("x", { code: "BACKEND_CLOSED" });
    expect(describeFailure("lost", "x", "y", typed)).toBe(typed);
  });
});
