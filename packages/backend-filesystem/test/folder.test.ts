import { createHash } from "node:crypto";
import { readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sampleRecord } from "@celeriac/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filesystemBackend } from "../src/index.js";
import { createFolderFixture } from "./folder-fixture.js";

let fixture: Awaited<ReturnType<typeof createFolderFixture>>;
beforeEach(async () => {
  fixture = await createFolderFixture();
});
afterEach(() => fixture.cleanup());

describe("the folder", () => {
  it("holds one file per result under Celery's name, and nothing half-written", async () => {
    await Promise.all(["a", "b"].map((id) => fixture.backend.store(sampleRecord(id))));
    await fixture.backend.groups.save("g", [["g", null], []]);
    expect((await readdir(fixture.folder)).sort()).toEqual([
      ".celeriac",
      "celery-task-meta-a",
      "celery-task-meta-b",
      "celery-taskset-meta-g",
    ]);
    expect(await readdir(join(fixture.folder, ".celeriac"))).toEqual([]);
  });

  it("is made again when it was removed", async () => {
    await fixture.backend.store(sampleRecord("a"));
    await rm(fixture.folder, { recursive: true });
    await expect(fixture.backend.store(sampleRecord("a"))).rejects.toMatchObject({ code: "BACKEND_UNAVAILABLE" });
    await fixture.backend.store(sampleRecord("a"));
    expect((await fixture.backend.fetch("a"))?.status).toBe("SUCCESS");
  });

  it("is not blocked by the lock of a process that died", async () => {
    await fixture.backend.store(sampleRecord("a", "STARTED", null));
    const own = join(fixture.folder, ".celeriac");
    const lock = join(own, `lock-${createHash("sha256").update("celery-task-meta-a").digest("hex").slice(0, 32)}`);
    await writeFile(lock, "");
    await expect(fixture.backend.store(sampleRecord("a"), { timeoutMs: 50 })).rejects.toMatchObject({
      code: "BACKEND_TIMEOUT",
    });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    await fixture.backend.store(sampleRecord("a"), { timeoutMs: 2_000 });
    expect((await fixture.backend.fetch("a"))?.status).toBe("SUCCESS");
  });

  it("loses old results to cleanup, and keeps young ones and files of others", async () => {
    await fixture.backend.store(sampleRecord("old"));
    await fixture.backend.store(sampleRecord("young"));
    await writeFile(join(fixture.folder, "notes.txt"), "");
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const name of ["celery-task-meta-old", "notes.txt"])
      await utimes(join(fixture.folder, name), longAgo, longAgo);
    expect(await fixture.backend.cleanup(60_000)).toBe(1);
    expect(await fixture.backend.fetch("old")).toBeUndefined();
    expect((await fixture.backend.fetch("young"))?.status).toBe("SUCCESS");
    expect(await readdir(fixture.folder)).toContain("notes.txt");
  });
});

describe("fromUrl", () => {
  const context = { transportOptions: {} };

  it("takes the path verbatim, with or without localhost", () => {
    for (const url of ["file:///var/results", "file://localhost/var/results"]) {
      expect(filesystemBackend.fromUrl(url, context).description).toBe("file:///var/results");
    }
  });

  it("puts Celery's global_keyprefix in front of names", async () => {
    const url = `file://${fixture.folder}`;
    const backend = filesystemBackend.fromUrl(url, { transportOptions: { global_keyprefix: "shop" } });
    await backend.store(sampleRecord("a"));
    expect(await readdir(fixture.folder)).toContain("shop_celery-task-meta-a");
  });

  it.each([
    ["redis://localhost", context],
    ["file://", context],
    ["file:///x", { transportOptions: {}, resultSerializer: "pickle" }],
    ["file:///x", { transportOptions: { global_keyprefix: 5 } }],
  ])("refuses %s with %j", (url, given) => {
    expect(() => filesystemBackend.fromUrl(url, given)).toThrowError(
      expect.objectContaining({ code: "BACKEND_REFUSED" }),
    );
  });
});
