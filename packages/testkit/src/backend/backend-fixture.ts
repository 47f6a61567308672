import type { ResultBackend } from "@celeriac/core/ports";

/**
 * What a store may or may not have. `chords` belongs to the backend, the others to the fixture; `longIds` and `idLimit`
 * follow from its `maxIdLength`.
 */
export type BackendAbility = "chords" | "compress" | "idLimit" | "longIds" | "loseChordSize" | "putRaw" | "stall";

/** A result backend on an empty store of its own, made for one case. */
export interface BackendFixture {
  readonly backend: ResultBackend;
  /** Another backend on the same store, as another process would have. */
  createPeer(): ResultBackend | Promise<ResultBackend>;
  /** Another one that compresses the results it stores, for backends with an option for that. */
  createCompressingPeer?(): ResultBackend | Promise<ResultBackend>;
  /** Characters of the longest id that the store can hold; absent when it has no limit. */
  readonly maxIdLength?: number;
  /** Stores text as the record of a task that no reader can make sense of. */
  putRaw?(taskId: string, text: string): Promise<void>;
  /** Takes the size of a chord out of the store, as one that runs out of memory may. */
  loseChordSize?(groupId: string): Promise<void>;
  /** Makes the store stop answering until `cleanup`, for deadlines. */
  stall?(): Promise<void>;
  /** Closes the backend and its peers (closed ones too) and removes the store. */
  cleanup(): Promise<void>;
}

/** Called once per case. */
export type CreateBackendFixture = () => BackendFixture | Promise<BackendFixture>;
