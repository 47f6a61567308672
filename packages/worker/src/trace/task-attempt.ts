import type { Clock, TaskDefinition, TaskRequest, TaskState } from "@celeriac/core";
import { encodeJson } from "@celeriac/core";
import type { Attempt } from "../pool/pool.js";
import type { HeldRequest } from "../request/held-request.js";
import { storesResult } from "../request/task-policy.js";
import type { RecordContext } from "../settle/to-record.js";
import { toRecord } from "../settle/to-record.js";

/** What an attempt needs of its surroundings while its body runs. */
export interface AttemptHost {
  readonly hostname: string;
  readonly clock: Clock;
  /** Early ack; false when the body must not start. */
  acknowledge(held: HeldRequest): Promise<boolean>;
  /** Leaves a message to whoever has it now. Never rejects. */
  giveUp(held: HeldRequest): Promise<void>;
  /** Stores a state outside an ending. Never rejects. */
  storeState(held: HeldRequest, record: ReturnType<typeof toRecord>): Promise<void>;
  recordContext(held: HeldRequest): RecordContext;
}

/**
 * One attempt as its pool sees it. A class, so that it costs one object per task.
 * Invariants: (1) the early ack is confirmed before the body starts (G3): here, or already when the message was taken;
 * a body whose message may be somebody else's does not start; (2) states are stored one after the other, and none after the ending: a state never goes backwards (G12).
 */
export class TaskAttempt implements Attempt {
  readonly definition: TaskDefinition;
  readonly request: TaskRequest;
  readonly hostname: string;
  readonly timeLimit: number | null;
  readonly softTimeLimit: number | null;
  readonly #held: HeldRequest;
  readonly #host: AttemptHost;
  #reports: Promise<void> | undefined;

  constructor(held: HeldRequest, host: AttemptHost) {
    const { request, definition, policy } = held;
    this.definition = definition;
    this.request = request;
    this.hostname = host.hostname;
    this.timeLimit = request.timeLimits[0] ?? policy.timeLimit;
    this.softTimeLimit = request.timeLimits[1] ?? policy.softTimeLimit;
    this.#held = held;
    this.#host = host;
  }

  /** The reports that are not stored yet; `undefined` when the task made none. */
  get reports(): Promise<void> | undefined {
    return this.#reports;
  }

  async begin(pid: number): Promise<boolean> {
    const held = this.#held;
    if (!held.acknowledged && held.delivery.isLost === true) {
      held.state = "settled";
      await this.#host.giveUp(held); // a child may have started since a slot was free
      return false;
    }
    if (!held.policy.ack.late && !held.acknowledged && !(await this.#host.acknowledge(held))) {
      held.state = "settled";
      return false;
    }
    held.startedAtMs = this.#host.clock.now();
    if (held.policy.tracksStart && storesResult(held.request, held.policy)) {
      await this.updateState("STARTED", encodeJson({ pid, hostname: this.hostname }));
    }
    return true;
  }

  updateState(state: TaskState, meta: string): Promise<void> {
    const held = this.#held;
    if (held.state !== "active" || !held.policy.canStore) return Promise.resolve();
    const record = toRecord(held.request, { status: state, result: meta }, this.#host.recordContext(held));
    const store = (): Promise<void> => this.#host.storeState(held, record);
    this.#reports = this.#reports === undefined ? store() : this.#reports.then(store);
    return this.#reports;
  }
}
