import type { Broker, ResultBackend } from "@celeriac/core/ports";
// By path: the memory adapters depend on this package for their own tests, and a cycle of packages cannot be built.
import { memoryBackend, ResultStore } from "../../backend-memory/src/index.js";
import { MemoryStore, memoryBroker } from "../../broker-memory/src/index.js";
import type { BackendFixture, BrokerFixture } from "../src/index.js";
import { boundedBackend } from "./bounded-backend.js";
import { takingBroker } from "./taking-broker.js";

/** A sound memory broker seen through `wrap`. */
export function wrappedBrokerFixture(wrap: (broker: Broker) => Broker): BrokerFixture {
  const store = new MemoryStore();
  const opened: Broker[] = [];
  const open = (): Broker => {
    const broker = memoryBroker({ store });
    opened.push(broker);
    return wrap(takingBroker(broker, store));
  };
  return {
    broker: open(),
    takes: true,
    createPeer: open,
    putRaw: async (queue, raw) => store.put(queue, { raw, step: 0, redelivered: false }),
    mostUrgentPriority: 0,
    async cleanup() {
      for (const broker of opened) await broker[Symbol.asyncDispose]();
    },
  };
}

/** Characters of the longest id that the memory backend of a fixture takes, so that the case about it has a subject. */
const MAX_ID_LENGTH = 300;

/** A sound memory backend seen through `wrap`. */
export function wrappedBackendFixture(wrap: (backend: ResultBackend) => ResultBackend): BackendFixture {
  const store = new ResultStore();
  const opened: ResultBackend[] = [];
  const open = (): ResultBackend => {
    const backend = memoryBackend({ store, resultExpiresMs: null });
    opened.push(backend);
    return wrap(boundedBackend(backend, MAX_ID_LENGTH));
  };
  return {
    backend: open(),
    createPeer: open,
    createCompressingPeer: open, // nothing is compressed inside a process, but the case has a subject
    maxIdLength: MAX_ID_LENGTH,
    putRaw: async (taskId, text) => store.putRaw(taskId, text),
    loseChordSize: async (groupId) => store.chords.loseSize(groupId),
    async cleanup() {
      for (const backend of opened) await backend[Symbol.asyncDispose]();
    },
  };
}
