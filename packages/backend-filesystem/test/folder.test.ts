import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sampleRecord } from "@celeriac/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callCleanup, outlast } from "../../testkit/test/worker-on-backend.js";
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

  it("G24: while it cannot be written to, a worker keeps outcomes and acknowledges nothing", async () => {
    const { folder, backend } = fixture;
    const aside = `${folder}-aside`;
    await backend.store(sampleRecord("warm"));
    const report = await outlast(backend, {
      // A link that leads nowhere: nothing can be made below it.
      away: async () => {
        await rename(folder, aside);
        await symlink(`${folder}-nowhere/deep`, folder);
      },
      back: async () => {
        await rm(folder);
        await rename(aside, folder);
      },
    });
    expect(report).toEqual({ waited: true, acksWhileAway: 0, acks: 5, runs: 5, states: Array(5).fill("SUCCESS") });
  }, 30_000);

  it("loses what is old to celery.backend_cleanup, and nothing when results are kept for ever", async () => {
    const { folder, backend } = fixture;
    await Promise.all(["old", "young"].map((id) => backend.store(sampleRecord(id))));
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(join(folder, "celery-task-meta-old"), longAgo, longAgo);
    for (const never of [null, 0]) await callCleanup(backend, never);
    expect((await backend.fetch("old"))?.status).toBe("SUCCESS");
    await callCleanup(backend, 60);
    expect([await backend.fetch("old"), (await backend.fetch("young"))?.status]).toEqual([undefined, "SUCCESS"]);
  });

  it("holds a result of 20 MB", async () => {
    const value = "0123456789abcdef".repeat(1_310_720);
    await fixture.backend.store(sampleRecord("large", "SUCCESS", value));
    expect((await fixture.backend.fetch("large"))?.result === value).toBe(true);
  });

  it("holds long results compressed when told to, and members of groups as Python reads them", async () => {
    const { folder } = fixture;
    const value = "all work and no play ".repeat(500);
    await using backend = filesystemBackend({ folder, resultCompression: "zlib" });
    await backend.store(sampleRecord("long", "SUCCESS", value));
    await backend.store(sampleRecord("member", "SUCCESS", value, { groupId: "g" }));
    await backend.store(sampleRecord("short"));
    const head = async (id: string): Promise<string> =>
      (await readFile(join(folder, `celery-task-meta-${id}`), "latin1")).slice(0, 23);
    expect(await head("long")).toBe("~celeriac;zlib;SUCCESS\n");
    expect([await head("member"), await head("short")]).toEqual(['{"status":"SUCCESS","re', '{"status":"SUCCESS","re']);
  });

  it("holds what is compressed with something unknown: an error of its task alone", async () => {
    await writeFile(join(fixture.folder, "celery-task-meta-odd"), "~celeriac;snappy;\nxyz");
    await expect(fixture.backend.fetch("odd")).rejects.toMatchObject({
      code: "E_RESULT",
      message: expect.stringContaining('"snappy"'),
    });
    await fixture.backend.store(sampleRecord("odd"));
    expect((await fixture.backend.fetch("odd"))?.status).toBe("SUCCESS");
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

  it.each(["lzma", 5])("refuses the compression %j, with what it may be", (result_compression) => {
    const transportOptions = { result_compression };
    expect(() => filesystemBackend.fromUrl("file:///x", { transportOptions })).toThrow(
      /result_backend_transport_options.result_compression: is .*; it must be zlib, gzip or brotli/,
    );
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
