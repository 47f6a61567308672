import { describe, expect, it } from "vitest";
import { DIALECTS } from "../dialect/dialect-table.js";
import { parseBackendOptions } from "../options/backend-settings.js";
import { type FoundTable, layoutOf, planTable } from "./plan-tables.js";
import { type WantedTable, wantedTables } from "./wanted-tables.js";

const { tables } = parseBackendOptions({});
const SERVER = { version: "x", hasSequences: true, tableSuffix: "", maxStatementBytes: undefined };
const ABSENT: FoundTable = { columns: [], hasSequence: false, highestId: 0 };

function wanted(): WantedTable {
  const [task] = wantedTables(tables, false);
  if (task === undefined) throw new Error("no table");
  return task;
}

function found(isFilled: boolean, changes: Partial<FoundTable> = {}): FoundTable {
  const names = wanted().columns.map(({ name }) => ({ name, isFilled: false }));
  return { columns: [{ name: "id", isFilled }, ...names], hasSequence: true, highestId: 0, ...changes };
}

const textOf = (dialect: keyof typeof DIALECTS, table: FoundTable, hasSequences = true): readonly string[] =>
  planTable(DIALECTS[dialect], { ...SERVER, hasSequences }, wanted(), table).map(({ sql }) => sql);

describe("tables", () => {
  it("that are as wanted are left alone", () => {
    expect(textOf("postgres", found(false))).toEqual([]);
  });

  it("that are absent are made as SQLAlchemy makes them, sequence and index too", () => {
    const [sequence, table, index] = textOf("postgres", ABSENT);
    expect(sequence).toBe('CREATE SEQUENCE IF NOT EXISTS "task_id_sequence"');
    expect(table).toMatch(
      /^CREATE TABLE "celery_taskmeta" \("id" BIGINT NOT NULL, "task_id" VARCHAR\(155\), .*UNIQUE \(task_id\)\)$/,
    );
    expect(index).toBe('CREATE INDEX "ix_celery_taskmeta_date_done" ON "celery_taskmeta" ("date_done")');
    expect(textOf("mysql", ABSENT, false)[0]).toMatch(/`id` BIGINT NOT NULL AUTO_INCREMENT.*PRIMARY KEY \(id\)/);
    expect(textOf("sqlite", ABSENT, false)[0]).toMatch(/"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT/);
  });

  it("that lack columns get them", () => {
    const { columns } = found(false);
    const older = found(false, { columns: columns.filter(({ name }) => name !== "worker") });
    expect(textOf("postgres", older)).toEqual(['ALTER TABLE "celery_taskmeta" ADD COLUMN "worker" VARCHAR(155)']);
  });

  it("can do without the columns that Celery added later, and ours", () => {
    const { columns } = found(false);
    const without = (...lacking: readonly string[]) => {
      const table = found(false, { columns: columns.filter(({ name }) => !lacking.includes(name)) });
      return planTable(DIALECTS.postgres, SERVER, wanted(), table).map(({ isDispensable }) => isDispensable);
    };
    expect(without("celeriac_extra", "worker")).toEqual([true, true]);
    expect(without("traceback")).toEqual([false]);
    expect(planTable(DIALECTS.postgres, SERVER, wanted(), ABSENT).some(({ isDispensable }) => isDispensable)).toBe(
      false,
    );
  });

  it("without a source of ids get a sequence that goes on where they are", () => {
    const without = found(false, { hasSequence: false, highestId: 41 });
    expect(textOf("postgres", without)).toEqual(['CREATE SEQUENCE IF NOT EXISTS "task_id_sequence" START WITH 42']);
  });

  it("that fill in ids by themselves are left to do so", () => {
    const serial = found(true, { hasSequence: false });
    expect(textOf("postgres", serial)).toEqual([]);
    const [sequence] = planTable(DIALECTS.postgres, SERVER, wanted(), { ...serial, highestId: 41 }, true);
    expect(sequence?.sql, "unless one is asked for").toMatch(/^CREATE SEQUENCE .* START WITH 42$/);
    const layout = (table: FoundTable) => layoutOf(DIALECTS.postgres, SERVER, wanted(), table);
    expect(layout(serial).id).toBeUndefined();
    expect(layout(found(true)).id, "Python uses a sequence that is there").toBe(`nextval('"task_id_sequence"')`);
    expect(layout(found(false)).id).toBe(`nextval('"task_id_sequence"')`);
  });
});
