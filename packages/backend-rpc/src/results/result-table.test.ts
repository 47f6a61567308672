import type { ResultMeta } from "@celeriac/core/protocol";
import { describe, expect, it } from "vitest";
import type { Entry } from "./result-table.js";
import { ResultTable } from "./result-table.js";

function setUp(maxResults = 10, expiresMs = 0) {
  const released: string[] = [];
  const time = { nowMs: 0 };
  let overflows = 0;
  const table = new ResultTable({
    maxResults,
    expiresMs,
    now: () => time.nowMs,
    onOverflow: () => {
      overflows += 1;
    },
  });
  const entry = (taskId: string, status: string): Entry => {
    const meta: ResultMeta = {
      taskId,
      status,
      result: null,
      traceback: null,
      children: null,
      dateDoneMs: null,
      extra: {},
    };
    const print = `${taskId} ${status}`;
    return { state: { kind: "meta", meta }, print, release: () => released.push(print) };
  };
  const statusOf = (taskId: string): string | undefined => {
    const state = table.get(taskId);
    return state?.kind === "meta" ? state.meta.status : state?.kind;
  };
  const put = (taskId: string, status: string): void => table.put(taskId, entry(taskId, status));
  return { table, put, entry, released, time, statusOf, overflows: () => overflows };
}

describe("what is known of results", () => {
  it("is the newest state, and the message of the one before is not needed any more", () => {
    const { put, released, statusOf } = setUp();
    put("t", "STARTED");
    put("t", "FAILURE");
    put("t", "RETRY");
    expect(statusOf("t")).toBe("RETRY");
    expect(released).toEqual(["t STARTED", "t FAILURE"]);
  });

  it("stays SUCCESS, whatever comes", () => {
    const { table, put, released, statusOf } = setUp();
    const heard: unknown[] = [];
    table.listen("t", (state) => heard.push(state));
    for (const status of ["SUCCESS", "STARTED", "SUCCESS"]) put("t", status);
    expect(statusOf("t")).toBe("SUCCESS");
    expect(released).toEqual(["t STARTED", "t SUCCESS"]);
    expect(heard).toHaveLength(1);
  });

  it("is told to those who listen to the task, for as long as they do", () => {
    const { table, put } = setUp();
    const heard: string[] = [];
    const stopFirst = table.listen("t", () => heard.push("first"));
    const stopSecond = table.listen("t", () => heard.push("second"));
    put("other", "STARTED");
    put("t", "STARTED");
    stopFirst();
    put("t", "RETRY");
    expect(table.isWatched).toBe(true);
    stopSecond();
    stopSecond();
    put("t", "SUCCESS");
    expect(heard).toEqual(["first", "second", "second"]);
    expect(table.isWatched).toBe(false);
  });

  it("is limited: the oldest goes first, and that is told once", () => {
    const { put, released, statusOf, overflows } = setUp(2);
    for (const id of ["a", "b"]) put(id, "STARTED");
    put("a", "RETRY"); // the newer of the two now
    for (const id of ["c", "d"]) put(id, "STARTED");
    expect(["a", "b", "c", "d"].map(statusOf)).toEqual([undefined, undefined, "STARTED", "STARTED"]);
    expect(released).toEqual(["a STARTED", "b STARTED", "a RETRY"]);
    expect(overflows()).toBe(1);
  });

  it("expires", () => {
    const { table, put, released, statusOf, time } = setUp(10, 1000);
    put("a", "SUCCESS");
    time.nowMs = 600;
    put("b", "STARTED");
    time.nowMs = 1000;
    expect([statusOf("a"), statusOf("b")]).toEqual([undefined, "STARTED"]);
    expect(released).toEqual(["a SUCCESS"]);
    expect(table.isFinal("a")).toBe(false);
  });

  it("stands for the message that brings it again, and is released with that one", () => {
    const { table, put, released } = setUp();
    put("t", "STARTED");
    put("t", "RETRY");
    const release = (): unknown => released.push("the new delivery");
    expect(table.refresh("t", { print: "t STARTED", release })).toBe(false);
    expect(table.refresh("unknown", { print: "t STARTED", release })).toBe(false);
    expect(table.refresh("t", { print: "t RETRY", release })).toBe(true);
    table.delete("t");
    table.delete("t");
    expect(released).toEqual(["t STARTED", "the new delivery"]);
  });
});
