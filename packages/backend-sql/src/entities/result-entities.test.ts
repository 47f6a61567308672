import type { EntitySchema } from "typeorm";
import { describe, expect, it } from "vitest";
import type { EntityDialect } from "./entity-server.js";
import { type ResultEntitiesOptions, resultEntities } from "./result-entities.js";
import { type GroupResultRow, readGroupRow, readTaskRow, type TaskResultRow } from "./result-rows.js";

const TASK: TaskResultRow = {
  ...{ id: 1, taskId: "t", status: "SUCCESS", result: Buffer.from("80044b052e", "hex"), dateDone: new Date(0) },
  ...{ traceback: null, name: null, args: null, kwargs: null, worker: null, retries: null, queue: null },
  celeriacExtra: null,
};
const GROUP: GroupResultRow = { id: 1, tasksetId: "g", result: null, dateDone: null, celeriacExtra: null };

const typesOf = <T>({ options }: EntitySchema<T>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries<{ readonly type: unknown; readonly length?: unknown } | undefined>(options.columns).map(
      ([name, column]) => [name, column?.length === undefined ? column?.type : `${column.type}(${column.length})`],
    ),
  );

describe("entities", () => {
  it("have the columns that their rows have", () => {
    const { task, group } = resultEntities({ dialect: "postgres" });
    expect(Object.keys(task.options.columns)).toEqual(expect.arrayContaining(Object.keys(TASK)));
    expect(Object.keys(task.options.columns)).toHaveLength(Object.keys(TASK).length);
    expect(Object.keys(group.options.columns).toSorted()).toEqual(Object.keys(GROUP).toSorted());
  });

  it.each([
    ["postgres", "celeriac", { id: "bigint", result: "bytea", traceback: "text", dateDone: "timestamp" }],
    ["postgres", "celery", { id: "integer", result: "bytea", celeriacExtra: "text" }],
    ["mysql", "celeriac", { id: "bigint", result: "longblob", traceback: "longtext", taskId: "varchar(155)" }],
    ["mariadb", "celery", { id: "integer", result: "blob", traceback: "text", celeriacExtra: "longtext" }],
    ["sqlite", "celery", { id: "integer", result: "blob", dateDone: "datetime" }],
  ] as const)("have the types of a table in %s that %s made", (dialect, madeBy, types) => {
    expect(typesOf(resultEntities({ dialect, madeBy }).task)).toMatchObject(types);
  });

  it.each([
    ["postgres", undefined],
    ["mysql", "increment"],
    ["mariadb", undefined],
    ["sqlite", "increment"],
  ] as const)("of %s: who gives out ids", (dialect, generated) => {
    expect(resultEntities({ dialect }).task.options.columns.id?.generated).toBe(generated);
  });

  it("of chords are there when there are such tables", () => {
    const names = (options: ResultEntitiesOptions) => resultEntities(options).all.map(({ options: { name } }) => name);
    expect(names({ dialect: "mysql" })).toEqual(["CeleryTaskMeta", "CeleryTaskSetMeta"]);
    expect(names({ dialect: "mysql", nativeChords: true }).slice(2)).toEqual(["CeleriacChord", "CeleriacChordEntry"]);
  });

  it("are refused with everything that is wrong", () => {
    // What a caller without types may say.
    const wrong = { dialect: "oracle" as EntityDialect, tableNames: { task: "a.b" }, timezone: "+01:00" as "Z" };
    expect(() => resultEntities(wrong)).toThrow(/tableNames\.task(?:.|\n)*dialect(?:.|\n)*timezone/);
    expect(() => resultEntities({ dialect: "sqlite", tableSchemas: { task: "s" } })).toThrow(/no schemas/);
  });
});

describe("rows of entities", () => {
  it("are read as the backend reads them", () => {
    expect(readTaskRow(TASK)).toMatchObject({
      taskId: "t",
      status: "SUCCESS",
      result: 5,
      dateDoneMs: 0,
      children: null,
    });
    expect(readTaskRow({ ...TASK, result: Buffer.from("[1]") }, { resultColumn: "json" })?.result).toEqual([1]);
    expect(readTaskRow({ ...TASK, status: null })).toBeUndefined();
    expect(readGroupRow(GROUP)).toBeUndefined();
  });

  it("never execute a pickle", () => {
    const result = Buffer.from("\x80\x04c__builtin__\nprint\n(tR.", "latin1");
    expect(() => readTaskRow({ ...TASK, result })).toThrow(/print/);
    expect(() => readGroupRow({ ...GROUP, result })).toThrow(/print/);
  });
});
