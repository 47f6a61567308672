import { AsyncLocalStorage } from "node:async_hooks";
import { CeleriacError } from "../errors/index.js";
import type { Logger } from "../ports/logger.js";
import type { ResultTuple } from "../ports/result-backend.js";
import type { TaskState } from "../protocol/result-meta.js";
import type { TaskRequest } from "../protocol/task-request.js";
import type { Duration, SendOptions, SignatureLike } from "../signature/send-options.js";

/** How `retry()` differs from sending the same message again. */
export interface RetryOptions
  extends Pick<
    SendOptions,
    "eta" | "queue" | "exchange" | "routingKey" | "priority" | "expires" | "timeLimit" | "softTimeLimit" | "headers"
  > {
  /** Wait before the next attempt. Default `defaultRetryDelay` of the task (180 s). */
  readonly countdown?: Duration;
  /** The reason: stored with RETRY, thrown when no attempt is left. */
  readonly cause?: unknown;
  /** Overrides the task's; `null` retries for ever. */
  readonly maxRetries?: number | null;
  /** Replacement arguments. */
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

/**
 * What a running task knows of itself. @see Celery user guide, "Task Request".
 */
export interface TaskContext<Progress = unknown> {
  readonly id: string;
  readonly taskName: string;
  /** How often this task was retried before; 0 on the first attempt. */
  readonly retries: number;
  /** Node name of the worker; empty when called directly. */
  readonly hostname: string;
  /** The message as it arrived. */
  readonly request: TaskRequest;
  readonly isEager: boolean;
  /** Called as a plain function: there is no message, `retry()` throws its cause. */
  readonly calledDirectly: boolean;
  /** Aborts on revoke with terminate, on time limits and on cold shutdown; its reason says which. */
  readonly signal: AbortSignal;
  /** Adds task id and name to every line. */
  readonly log: Logger;
  /** Stores the state PROGRESS with `data`; `handle.progress()` yields it. Resolves once stored. */
  progress(data: Progress): Promise<void>;
  /** Stores a state of your own. @see Celery `Task.update_state`. */
  updateState(state: TaskState, meta: unknown): Promise<void>;
  /** Ends this attempt and sends the message again with the same id. Never returns. */
  retry(options?: RetryOptions): never;
  /**
   * Ends this attempt and sends a task or workflow in its place: under this task's id, with its callbacks, and in its
   * place in chains and chords. Never returns; nothing is stored for this attempt.
   * @throws ArgumentError after 1,000 replacements in a row, which cannot be meant.
   * @see Celery `Task.replace`.
   */
  replace(signature: SignatureLike): never;
  /**
   * Sends one more task or workflow whose result the chord of this task waits for. Resolves with its id once it is sent.
   * @throws CeleriacError `NO_CHORD` for a task that is in none; `CHORDS_UNSUPPORTED` where the result store cannot.
   * @see Celery `Task.add_to_chord`.
   */
  addToChord(signature: SignatureLike): Promise<string>;
}

/** The context plus what only the engine touches: the tasks sent while it ran. */
export interface RunningTask {
  readonly context: TaskContext;
  readonly children: ResultTuple[];
  /** The task around a plain call, which is the one that sends. */
  readonly caller?: RunningTask | undefined;
}

// The one piece of ambient state: it must outlive every await of the user's code, and `context()` takes no argument.
const running = new AsyncLocalStorage<RunningTask>();

/**
 * The context of the task that is running here, however deep the call.
 * @throws CeleriacError `NO_TASK_CONTEXT` outside a task.
 */
export function context<Progress = unknown>(): TaskContext<Progress> {
  const current = running.getStore();
  if (current === undefined) {
    throw new CeleriacError(
      "context() was called outside a task. Call it in the body of a task (or in what the body awaits), not when the module loads.",
      { code: "NO_TASK_CONTEXT" },
    );
  }
  return current.context as TaskContext<Progress>; // the task's declared progress type; data is not checked here
}

/** The running task, or `undefined` outside one. */
export function currentTask(): RunningTask | undefined {
  return running.getStore();
}

/**
 * The running task that messages sent here belong to: a task called as a plain function has no message, so it is nobody's
 * parent. @see Celery, `get_current_worker_task`.
 */
export function currentSender(): RunningTask | undefined {
  const current = running.getStore();
  return current?.context.calledDirectly === true ? current.caller : current;
}

/** Runs `body` with `task` as the ambient context. */
export function runInContext<T>(task: RunningTask, body: () => T): T {
  return running.run(task, body);
}
