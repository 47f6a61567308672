import type { ResultBackend } from "@celeriac/core/ports";

/** What the fixture of a backend may or may not offer. */
export type BackendAbility = "putRaw" | "stall";

/** A result backend on an empty store of its own, made for one case. */
export interface BackendFixture {
  readonly backend: ResultBackend;
  /** Another backend on the same store, as another process would have. */
  createPeer(): ResultBackend | Promise<ResultBackend>;
  /** Stores text as the record of a task that no reader can make sense of. */
  putRaw?(taskId: string, text: string): Promise<void>;
  /** Makes the store stop answering until `cleanup`, for deadlines. */
  stall?(): Promise<void>;
  /** Closes the backend and its peers (closed ones too) and removes the store. */
  cleanup(): Promise<void>;
}

/** Called once per case. */
export type CreateBackendFixture = () => BackendFixture | Promise<BackendFixture>;
