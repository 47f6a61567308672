import type { Logger } from "../ports/logger.js";
import type { TaskState } from "../protocol/result-meta.js";
import type { TaskRequest } from "../protocol/task-request.js";
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
  now(): number;
  random(): number;
}

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
}
