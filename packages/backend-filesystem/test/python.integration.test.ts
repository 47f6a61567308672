import { sampleFailure, sampleRecord } from "@celeriac/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFolderFixture } from "./folder-fixture.js";
import { askPython, findPython } from "./python-peer.js";

const python = findPython();
if (python === undefined && process.env.CI === "true") {
  throw new Error("No Python with Celery was found. Set CELERIAC_PYTHON.");
}

describe.skipIf(python === undefined)("a result folder shared with Python's Celery (CELERIAC_PYTHON)", () => {
  let fixture: Awaited<ReturnType<typeof createFolderFixture>>;
  beforeEach(async () => {
    fixture = await createFolderFixture();
  });
  afterEach(() => fixture.cleanup());
  const ask = (command: string, ...args: string[]): Promise<unknown> =>
    askPython(python ?? "", fixture.folder, command, ...args);

  it("Python reads our results", async () => {
    const { backend } = fixture;
    await backend.store(sampleRecord("ok", "SUCCESS", { answer: [42, "é ☃"] }, { groupId: "g", parentId: "p" }));
    await backend.store(sampleRecord("bad", "FAILURE", sampleFailure, { traceback: "at line 1" }));
    await backend.store(sampleRecord("busy", "PROGRESS", { done: 3 }));
    await backend.store(sampleRecord("it's $odd", "SUCCESS", 1));
    expect(await ask("read", "ok", "bad", "busy", "it's $odd", "unknown")).toEqual([
      { state: "SUCCESS", result: { answer: [42, "é ☃"] }, traceback: null },
      { state: "FAILURE", result: ["ValueError", ["boom", 3]], traceback: "at line 1" },
      { state: "PROGRESS", result: { done: 3 }, traceback: null },
      { state: "SUCCESS", result: 1, traceback: null },
      { state: "PENDING", result: null, traceback: null },
    ]);
  });

  it("we read Python's results", async () => {
    await ask("write");
    const { backend } = fixture;
    expect(await backend.fetch("ok")).toMatchObject({ status: "SUCCESS", result: { answer: [42, "é"] } });
    expect(await backend.fetch("bad")).toMatchObject({
      status: "FAILURE",
      result: { exc_type: "ValueError", exc_message: ["boom", 3], exc_module: "builtins" },
      traceback: "Traceback: boom",
    });
    expect(await backend.fetch("busy")).toMatchObject({ status: "PROGRESS", result: { done: 3 } });
    expect((await backend.fetch("ok"))?.dateDoneMs).toBeGreaterThan(1_700_000_000_000);
  });

  it("groups go both ways", async () => {
    await ask("write");
    const tuple = [
      ["group", null],
      [
        [["a", null], null],
        [["b", null], null],
      ],
    ] as const;
    expect(await fixture.backend.groups.restore("group")).toEqual(tuple);
    await fixture.backend.groups.save("ours", [["ours", null], tuple[1]]);
    expect(await ask("group", "ours")).toEqual(["ours", ["a", "b"]]);
  });

  it("a watcher hears what Python stores, in place of what was there too", async () => {
    const { backend } = fixture;
    await backend.store(sampleRecord("watched", "STARTED", null));
    const heard: string[] = [];
    const done = new Promise<void>((resolve) => {
      void backend.watcher.watch("watched", (meta) => {
        heard.push(`${meta.status}:${String(meta.result)}`);
        if (meta.status === "SUCCESS") resolve();
      });
    });
    await ask("overwrite", "watched");
    await done;
    expect(heard).toEqual(["STARTED:null", "SUCCESS:from Python"]);
  });

  it("our SUCCESS is sticky for Python, and Python's for us", async () => {
    const { backend } = fixture;
    await backend.store(sampleRecord("ours", "SUCCESS", "first"));
    await ask("overwrite", "ours", "theirs");
    await backend.store(sampleRecord("theirs", "FAILURE", sampleFailure));
    expect((await backend.fetch("ours"))?.result).toBe("first");
    expect((await backend.fetch("theirs"))?.result).toBe("from Python");
  });
});
