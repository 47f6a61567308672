import { ArgumentError, CeleriacError, Replaced } from "../errors/index.js";
import type { Logger } from "../ports/logger.js";
import type { TaskState } from "../protocol/result-meta.js";
import type { TaskRequest } from "../protocol/task-request.js";
import type { WireSignature } from "../protocol/wire-signature.js";
import type { SignatureLike } from "../signature/send-options.js";
import { validate } from "../standard-schema/validate.js";
import { planRetry } from "./plan-retry.js";
import type { RetryOptions, TaskContext } from "./task-context.js";
import type { TaskDefinition } from "./task-definition.js";

/** What the surroundings lend to a task while it runs. */
export interface Surroundings {
  readonly hostname: string;
  readonly log: Logger;
  readonly isEager?: boolean;
  readonly calledDirectly?: boolean;
  /** Created on first use: most tasks never look at their signal. */
  signal(): AbortSignal;
  /** Stores a state the task reports of itself. */
  updateState(state: TaskState, meta: unknown): Promise<void>;
  /** Sends one more member of the task's chord; absent where there are no chords. */
  addToChord?(request: TaskRequest, signature: WireSignature): Promise<string>;
  /** Hears of what takes over while it is still a live value: what is thrown is its dictionary. */
  onReplace?(signature: SignatureLike): void;
  now(): number;
  random(): number;
}

/** Replacements in a row after which a task is stopped: it replaces itself without end. */
const MAX_REPLACEMENTS = 1000;

/** A class for its getters: the logger and the signal are made only for tasks that look at them. */
export class EngineContext implements TaskContext {
  readonly request: TaskRequest;
  readonly #task: TaskDefinition;
  readonly #surroundings: Surroundings;
  #log: Logger | undefined;

  constructor(task: TaskDefinition, request: TaskRequest, surroundings: Surroundings) {
    this.request = request;
    this.#task = task;
    this.#surroundings = surroundings;
  }

  get id(): string {
    return this.request.id;
  }
  get taskName(): string {
    return this.#task.name;
  }
  get retries(): number {
    return this.request.retries;
  }
  get hostname(): string {
    return this.#surroundings.hostname;
  }
  get isEager(): boolean {
    return this.#surroundings.isEager === true;
  }
  get calledDirectly(): boolean {
    return this.#surroundings.calledDirectly === true;
  }
  get signal(): AbortSignal {
    return this.#surroundings.signal();
  }
  get log(): Logger {
    this.#log ??= this.#surroundings.log.child({ taskId: this.id, task: this.taskName });
    return this.#log;
  }

  async progress(data: unknown): Promise<void> {
    const { progress } = this.#task;
    const checked =
      progress === undefined ? data : await validate(progress, data, `progress of task "${this.taskName}"`);
    await this.updateState("PROGRESS", checked);
  }

  updateState(state: TaskState, meta: unknown): Promise<void> {
    return this.#surroundings.updateState(state, meta);
  }

  retry(options: RetryOptions = {}): never {
    if (this.calledDirectly) {
      if (options.cause !== undefined) throw options.cause;
      options = { ...options, maxRetries: null }; // nothing was sent, so nothing is used up
    }
    throw planRetry(this.#task, this.request, options, this.#surroundings.now());
  }

  replace(signature: SignatureLike): never {
    if (this.calledDirectly) {
      throw new CeleriacError("replace() needs a message to replace, and this task was called as a plain function.", {
        code: "NO_MESSAGE",
      });
    }
    const { replacedTaskNesting } = this.request;
    if (replacedTaskNesting >= MAX_REPLACEMENTS) {
      throw new ArgumentError(
        `Task ${this.id} has been replaced ${replacedTaskNesting} times in a row. End the recursion of ${this.taskName}.`,
      );
    }
    this.#surroundings.onReplace?.(signature);
    throw new Replaced(signature.toJSON());
  }

  async addToChord(signature: SignatureLike): Promise<string> {
    const { addToChord } = this.#surroundings;
    if (this.request.embed.chord === null || this.request.group === null || addToChord === undefined) {
      throw new CeleriacError(`Task ${this.id} is in the header of no chord, so nothing can be added to it.`, {
        code: "NO_CHORD",
      });
    }
    return addToChord(this.request, signature.toJSON());
  }
}
