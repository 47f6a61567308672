import { describe, expect, it } from "vitest";
import { groupFileName, isResultFile, taskFileName } from "./result-name.js";

describe("result file names", () => {
  it("are Celery's keys", () => {
    expect(taskFileName("", "4be9a9a4-6a5b")).toBe("celery-task-meta-4be9a9a4-6a5b");
    expect(groupFileName("", "4be9a9a4-6a5b")).toBe("celery-taskset-meta-4be9a9a4-6a5b");
    expect(taskFileName("shop_", "id")).toBe("shop_celery-task-meta-id");
  });

  it.each(["$", "it's", "%2F", "naïve ☃ 😀", "..", "x".repeat(200)])("keep the id %j, which Celery can store", (id) => {
    expect(taskFileName("", id)).toBe(`celery-task-meta-${id}`);
  });

  it.each(["a/b", "../../etc", "nul\0", "x".repeat(300)])("replace the id %j by a hash", (id) => {
    expect(taskFileName("", id)).toMatch(/^celery-task-meta-~[0-9a-f]{64}$/);
  });

  it("are told from other files", () => {
    const names = ["celery-task-meta-a", "celery-taskset-meta-a", "chord-unlock-a", ".celeriac", "notes.txt"];
    expect(names.map((name) => isResultFile("", name))).toEqual([true, true, true, false, false]);
  });
});
