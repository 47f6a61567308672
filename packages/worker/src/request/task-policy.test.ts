import { memoryBackend } from "@celeriac/backend-memory";
import type { TaskRequest } from "@celeriac/core";
import { createApp } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { samplePolicy, sampleRequest } from "../../test/support/sample-request.js";
import { storesErrors, storesResult, taskPolicyOf } from "./task-policy.js";

function withoutHeader(request: TaskRequest, name: string): TaskRequest {
  const headers = Object.fromEntries(Object.entries(request.message.headers).filter(([key]) => key !== name));
  return { ...request, message: { ...request.message, headers } };
}

describe("taskPolicyOf", () => {
  it("prefers a task's limits to the settings', in seconds", () => {
    const app = createApp("test", { taskTimeLimit: 10, taskSoftTimeLimit: 9 });
    const own = app.task("own", { timeLimit: "1m" }, () => 1).definition;
    expect(taskPolicyOf(own, app.settings, undefined)).toMatchObject({ timeLimit: 60, softTimeLimit: 9 });
  });

  it("stores nothing without a backend", () => {
    const app = createApp("test");
    const { definition } = app.task("t", { storeErrorsEvenIfIgnored: true }, () => 1);
    const policy = taskPolicyOf(definition, app.settings, undefined);
    expect([storesResult(sampleRequest(), policy), storesErrors(sampleRequest(), policy)]).toEqual([false, false]);
    expect(taskPolicyOf(definition, app.settings, memoryBackend()).canStore).toBe(true);
  });
});

describe("who decides whether a result is stored", () => {
  // celery/app/trace.py get_actual_ignore_result: the header, when there is one; else the task.
  it.each([
    { header: true, task: false, expected: false },
    { header: true, task: true, expected: false },
    { header: false, task: true, expected: true },
    { header: false, task: false, expected: true },
    { header: undefined, task: true, expected: false },
    { header: undefined, task: false, expected: true },
  ])("header $header and task ignoring $task: stored $expected", ({ header, task, expected }) => {
    const given = sampleRequest({ ignoreResult: header ?? false });
    const request = header === undefined ? withoutHeader(given, "ignore_result") : given;
    expect(storesResult(request, samplePolicy({ ignoresResult: task }))).toBe(expected);
  });

  it("stores errors of ignored results when the task wants them", () => {
    const request = sampleRequest({ ignoreResult: true });
    expect(storesErrors(request, samplePolicy({ storesErrors: true }))).toBe(true);
    expect(storesErrors(request, samplePolicy({ storesErrors: false }))).toBe(false);
  });
});
