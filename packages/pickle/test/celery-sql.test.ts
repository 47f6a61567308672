import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readGroupPickle, readPickle, writeGroupPickle } from "../src/index.js";

interface Row {
  readonly table: string;
  readonly id: string;
  readonly status: string | null;
  readonly hex: string;
}

const file = new URL("./vectors/celery-sql.json", import.meta.url);
const { rows } = JSON.parse(readFileSync(file, "utf8")) as { readonly rows: readonly Row[] };
const bytesOf = (row: Row): Uint8Array => Buffer.from(row.hex, "hex");

describe("rows that Celery's SQL store has written", () => {
  const tasks = rows.filter(({ table }) => table === "celery_taskmeta");
  const groups = rows.filter(({ table }) => table === "celery_tasksetmeta");

  it("successes are the values", () => {
    const values = tasks.filter(({ status }) => status === "SUCCESS").map((row) => readPickle(bytesOf(row)));
    expect(values.slice(0, 2)).toEqual([5, { a: [1, "x", null] }]);
  });

  it("failures are exceptions as data, in either reading", () => {
    const failures = tasks.filter(({ status }) => status === "FAILURE");
    const expected = [
      { exc_type: "ValueError", exc_message: ["boom"], exc_module: "builtins" },
      { exc_type: "PeerError", exc_message: [7, "custom detail"], exc_module: "__main__" },
    ];
    expect(failures.map((row) => readPickle(bytesOf(row)))).toEqual(expected);
    expect(failures.map((row) => readPickle(bytesOf(row), { expects: "exception" }))).toEqual(expected);
  });

  it("groups are result tuples of known tasks, and come back from ours", () => {
    const known = new Set(tasks.map(({ id }) => id));
    expect(groups.length).toBeGreaterThan(0);
    for (const row of groups) {
      const [[id, parent], children] = readGroupPickle(bytesOf(row));
      expect([id, parent]).toEqual([row.id, null]);
      expect(children?.length).toBeGreaterThan(0);
      for (const [[childId]] of children ?? []) expect(known).toContain(childId);
      expect(readGroupPickle(writeGroupPickle([[id, parent], children]))).toEqual([[id, parent], children]);
    }
  });
});
