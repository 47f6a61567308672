import type { ResultBackend } from "@celeriac/core/ports";
import type { BackendFixture } from "@celeriac/testkit";
import { memoryBackend, ResultStore } from "../src/index.js";

/** A memory backend with a store of its own, as the contract asks for. */
export function createMemoryFixture(): BackendFixture {
  const store = new ResultStore();
  const backends: ResultBackend[] = [];
  const open = (): ResultBackend => {
    const backend = memoryBackend({ store, resultExpiresMs: null });
    backends.push(backend);
    return backend;
  };
  return {
    backend: open(),
    createPeer: open,
    putRaw: async (taskId, text) => store.putRaw(taskId, text),
    loseChordSize: async (groupId) => store.chords.loseSize(groupId),
    async cleanup() {
      for (const backend of backends) await backend[Symbol.asyncDispose]();
    },
  };
}
