import { expect, it } from "vitest";
import { uniqueName } from "./constraint-name.js";

it.each([
  ["postgres", "celery_taskmeta", "task_id", "celery_taskmeta_task_id_key"],
  ["postgres", "x".repeat(63), "taskset_id", `${"x".repeat(48)}_taskset_id_key`],
  ["postgres", "ü".repeat(31), "task_id", `${"ü".repeat(25)}_task_id_key`],
  ["mysql", "celery_taskmeta", "task_id", "task_id"],
  ["sqlite", "celery_taskmeta", "task_id", undefined],
] as const)("%s calls the constraint on %s.%s %s", (dialect, table, column, name) => {
  expect(uniqueName(dialect, table, column)).toBe(name);
});
