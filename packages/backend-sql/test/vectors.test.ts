import { readFileSync } from "node:fs";
import { readGroupPickle } from "@celeriac/pickle";
import { describe, expect, it } from "vitest";
import { decodeRow } from "../src/results/result-row.js";

interface Vector {
  readonly raw: { readonly tables: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> };
  readonly decoded: { readonly celery_taskmeta: readonly Readonly<Record<string, unknown>>[] };
}

function load(name: string): Vector {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8"));
}

/** Bytes are written as `{ hex }`. */
function bytesOf(value: unknown): unknown {
  const isHex = typeof value === "object" && value !== null && "hex" in value && typeof value.hex === "string";
  return isHex ? Buffer.from(String(value.hex), "hex") : value;
}

/** Rows of SQLite, captured from Celery 5.2.6 and 5.6.2. */
describe.each(["c526.sql", "c562.sql"])("rows as Celery wrote them (%s)", (name) => {
  const vector = load(name);

  it("are read as Python reads them", () => {
    const rows = vector.raw.tables.celery_taskmeta ?? [];
    expect(rows.length).toBeGreaterThan(5);
    rows.forEach((row, index) => {
      const columns = Object.fromEntries(Object.entries(row).map(([key, value]) => [key, bytesOf(value)]));
      const meta = decodeRow(columns, { form: "pickle", maxBytes: 1_000_000 });
      const { task_id, status, result, traceback } = vector.decoded.celery_taskmeta[index] ?? {};
      expect(meta).toMatchObject({ taskId: task_id, status, result, traceback });
      expect(meta?.dateDoneMs).toBe(Date.parse(`${String(row.date_done).slice(0, 23).replace(" ", "T")}Z`));
    });
  });

  it("saved groups name their members", () => {
    const [group] = vector.raw.tables.celery_tasksetmeta ?? [];
    const pickle = bytesOf(group?.result);
    const [[id], members] = readGroupPickle(pickle instanceof Uint8Array ? pickle : new Uint8Array());
    expect(id).toBe(group?.taskset_id);
    expect(members?.map(([[member]]) => member)).toHaveLength(2);
  });
});
