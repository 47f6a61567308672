import type { ChordStore, ResultBackend } from "@celeriac/core/ports";
import type { CaseDefinition, ContractTiming } from "../contract-case.js";
import type { BackendAbility, BackendFixture } from "./backend-fixture.js";
import { WatchLog } from "./watch-log.js";

/** What a backend case acts on. Everything opened through it is closed when the case ends. */
export class BackendStage {
  readonly fixture: BackendFixture;
  readonly timing: ContractTiming;
  readonly #logs: WatchLog[] = [];

  constructor(fixture: BackendFixture, timing: ContractTiming) {
    this.fixture = fixture;
    this.timing = timing;
  }

  get backend(): ResultBackend {
    return this.fixture.backend;
  }

  /** The chords of a case that needs them. */
  chordsOf(backend: ResultBackend = this.backend): ChordStore {
    if (backend.chords === undefined) throw new Error("The case needs chords.");
    return backend.chords;
  }

  /** Takes the size of a chord out of the store. */
  async loseChordSize(groupId: string): Promise<void> {
    if (this.fixture.loseChordSize === undefined) throw new Error("The case needs loseChordSize.");
    await this.fixture.loseChordSize(groupId);
  }

  /** Watches a task and writes down what is heard. */
  async watch(taskId: string, backend: ResultBackend = this.backend): Promise<WatchLog> {
    const log = await WatchLog.open(backend, taskId, this.timing);
    this.#logs.push(log);
    return log;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#logs.map((log) => log[Symbol.asyncDispose]()));
    await this.fixture.cleanup();
  }
}

export type BackendCase = CaseDefinition<BackendStage, BackendAbility>;

/** A case that any backend must pass, or one whose fixture has what it needs. */
export function backendCase(
  name: string,
  check: (stage: BackendStage) => Promise<void>,
  needs: readonly BackendAbility[] = [],
): BackendCase {
  return { name, needs, check };
}
