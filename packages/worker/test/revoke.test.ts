import { createDeferred } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { listening } from "./support/listening.js";
import { createStage } from "./support/stage.js";

describe("revoke", () => {
  it("stops a task that has not started, and says so", async () => {
    const stage = createStage();
    const gate = createDeferred<void>();
    const body = vi.fn();
    stage.app.task("busy", () => gate.promise);
    stage.app.task("later", body);
    const { ask } = await listening(stage, 1);
    await stage.app.send("busy");
    const sent = await stage.app.send("later", [], { taskId: "victim" });
    expect(await ask("revoke", { task_id: "victim" })).toEqual([{ ok: "tasks {'victim'} flagged as revoked" }]);
    expect(await ask("revoked")).toEqual([["victim"]]);
    await expect(sent.get({ timeout: "5s" })).rejects.toMatchObject({ code: "TASK_REVOKED", args: ["revoked"] });
    gate.resolve();
    await vi.waitFor(() => expect(stage.store.length("celery")).toBe(0));
    expect(body).not.toHaveBeenCalled();
  });

  it("terminates a running task on demand", async () => {
    const stage = createStage();
    const started = createDeferred<void>();
    stage.app.task("endless", () => {
      started.resolve();
      return new Promise(() => undefined);
    });
    const { ask } = await listening(stage);
    const sent = await stage.app.send("endless", [], { taskId: "victim" });
    await started.promise;
    expect(await ask("terminate", { signal: "TERM", task_id: ["victim"] })).toEqual([{ ok: "terminate: victim" }]);
    await vi.waitFor(async () => expect((await sent.meta())?.result).toMatchObject({ exc_message: ["terminated"] }));
    expect(await ask("revoke", { task_id: ["other"], terminate: true })).toEqual([{ ok: "terminate: tasks unknown" }]);
  });

  it("stops tasks by a stamp", async () => {
    const stage = createStage();
    const body = vi.fn();
    stage.app.task("stamped", body);
    const { ask } = await listening(stage);
    expect(await ask("revoke_by_stamped_headers", { headers: { tenant: ["t1"] } })).toEqual([
      { ok: "headers {'tenant': ['t1']} flagged as revoked, but not terminated" },
    ]);
    const sent = await stage.app.send("stamped", [1], { stamps: { tenant: "t1" } });
    await expect(sent.get({ timeout: "5s" })).rejects.toMatchObject({ code: "TASK_REVOKED" });
    await (await stage.app.send("stamped", [2], { stamps: { tenant: "t2" } })).get({ timeout: "5s" });
    expect(body.mock.calls).toEqual([[2]]);
  });
});
