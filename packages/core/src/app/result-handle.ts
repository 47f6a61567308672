import { BackendError, CeleriacError } from "../errors/index.js";
import { currentSender } from "../execution/task-context.js";
import type { ResultBackend, ResultTuple } from "../ports/index.js";
import { decodeException } from "../protocol/index.js";
import type { ResultMeta, TaskState } from "../protocol/result-meta.js";
import type { Duration } from "../signature/send-options.js";
import { waitUntilReady, watchStates } from "./watch-result.js";

export interface GetOptions {
  /** Gives up with `TimeoutError` after this. Default: waits for ever. */
  readonly timeout?: Duration;
  /** Stops waiting with the signal's reason; the task goes on. */
  readonly signal?: AbortSignal;
  /** Allow waiting inside a task, where it holds a worker's slot while another task needs one. Default false. */
  readonly allowInTask?: boolean;
}

export type ProgressOptions = Omit<GetOptions, "allowInTask">;

/**
 * The claim ticket of a task: asks the result backend, never the worker. Not thenable, so returning it from an async
 * function does not wait for the task.
 */
export interface ResultHandle<Result, Progress = unknown> {
  readonly id: string;
  readonly taskName: string | undefined;
  /** The task sent before this one in a workflow. */
  readonly parent: ResultHandle<unknown> | undefined;
  /**
   * Waits for the result.
   * @throws TaskError when the task failed or was revoked, TimeoutError, BackendError (`BACKEND_MISSING` at once when
   * there is nowhere to look).
   */
  get(options?: GetOptions): Promise<Result>;
  /** PENDING also means that the id is unknown: a backend cannot tell. */
  state(): Promise<TaskState>;
  /** The stored record, `undefined` when there is none. */
  meta(): Promise<ResultMeta | undefined>;
  /** What the task reported with `ctx.progress()`, newest state first when it is already running; ends with the task. */
  progress(options?: ProgressOptions): AsyncGenerator<Progress, void, undefined>;
  /** Removes the result from the backend. */
  forget(): Promise<void>;
  /** Celery's form of a result, for storing or passing on. */
  asTuple(): ResultTuple;
}

/** What a handle needs of its app. */
export interface ResultSource {
  /** `undefined` when the app has no result backend. */
  readonly backend: ResultBackend | undefined;
  /** The task was sent with `ignoreResult`: waiting would never end. */
  readonly ignored?: boolean;
  /** The send this handle is of: a wait for the result ends when the broker does not take the message. */
  readonly published?: Promise<void>;
}

/** Creates a handle; does no I/O. */
export function createResultHandle<Result, Progress = unknown>(
  source: ResultSource,
  id: string,
  options: { readonly taskName?: string; readonly parent?: ResultHandle<unknown> } = {},
): ResultHandle<Result, Progress> {
  return new Handle<Result, Progress>(source, id, options.taskName, options.parent);
}

class Handle<Result, Progress> implements ResultHandle<Result, Progress> {
  readonly id: string;
  readonly taskName: string | undefined;
  readonly parent: ResultHandle<unknown> | undefined;
  readonly #source: ResultSource;

  constructor(
    source: ResultSource,
    id: string,
    taskName: string | undefined,
    parent: ResultHandle<unknown> | undefined,
  ) {
    this.#source = source;
    this.id = id;
    this.taskName = taskName;
    this.parent = parent;
  }

  async get(options: GetOptions = {}): Promise<Result> {
    if (options.allowInTask !== true && currentSender() !== undefined) {
      throw new CeleriacError(
        "get() was called inside a task, where it would hold a worker's slot while it waits. Link the tasks instead, or pass { allowInTask: true }.",
        { code: "GET_INSIDE_TASK" },
      );
    }
    const backend = this.#needBackend();
    if (this.#source.ignored === true) {
      throw new BackendError(`Task ${this.id} was sent with ignoreResult, so there will be no result to wait for.`, {
        code: "BACKEND_MISSING",
      });
    }
    const meta = await waitUntilReady(backend, this.id, options, this.#source.published);
    if (meta.status === "SUCCESS") return meta.result as Result; // the task's declared type; the wire cannot prove it
    throw decodeException(meta.result, { taskId: this.id, traceback: meta.traceback, state: meta.status });
  }

  async state(): Promise<TaskState> {
    return (await this.meta())?.status ?? "PENDING";
  }

  async meta(): Promise<ResultMeta | undefined> {
    return this.#needBackend().fetch(this.id);
  }

  async *progress(options: ProgressOptions = {}): AsyncGenerator<Progress, void, undefined> {
    for await (const meta of watchStates(this.#needBackend(), this.id, options)) {
      if (meta.status === "PROGRESS") yield meta.result as Progress; // declared by the task
    }
  }

  async forget(): Promise<void> {
    await this.#needBackend().forget(this.id);
  }

  asTuple(): ResultTuple {
    return [[this.id, this.parent?.asTuple() ?? null], null];
  }

  #needBackend(): ResultBackend {
    if (this.#source.backend !== undefined) return this.#source.backend;
    throw new BackendError(
      `Task ${this.id} has no result to look at: the app has no result backend. Give it one, for example createApp(name, { backend: redisBackend(url) }).`,
      { code: "BACKEND_MISSING" },
    );
  }
}
