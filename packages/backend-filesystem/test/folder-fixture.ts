import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackendFixture } from "@celeriac/testkit";
import { type FilesystemBackend, type FilesystemBackendOptions, filesystemBackend } from "../src/index.js";

/** A folder of its own, as the contract asks for. */
export async function createFolderFixture(
  options: Partial<FilesystemBackendOptions> = {},
): Promise<BackendFixture & { readonly backend: FilesystemBackend; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "celeriac-backend-"));
  const backends: FilesystemBackend[] = [];
  const open = (more: Partial<FilesystemBackendOptions> = {}): FilesystemBackend => {
    const backend = filesystemBackend({ folder, partialGraceMs: 50, ...options, ...more });
    backends.push(backend);
    return backend;
  };
  return {
    folder,
    backend: open(),
    createPeer: () => open(),
    createCompressingPeer: () => open({ resultCompression: "zlib" }),
    async putRaw(taskId, text) {
      await writeFile(join(folder, `celery-task-meta-${taskId}`), text);
    },
    async cleanup() {
      await Promise.allSettled(backends.map((backend) => backend[Symbol.asyncDispose]()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
