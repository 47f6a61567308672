import { CeleriacError } from "./celeriac-error.js";

/** A failure as it is stored in a result. `@see` PROTOCOL 7.3, Celery `celery/backends/base.py`. */
export interface RemoteFailure {
  /** Qualified class name: `ValueError`, `Outer.Inner`. */
  readonly type: string;
  /** Python module or JavaScript origin of the class: `builtins`, `celery.exceptions`, `shop.errors`. */
  readonly module: string;
  /** Constructor arguments, usually one message. */
  readonly args: readonly unknown[];
  readonly traceback: string | null;
  readonly taskId: string;
}

/**
 * A task ended without a result; what `get()` rejects with. Code `TASK_FAILED`, `TASK_REVOKED` for revoked or expired
 * tasks. The class the worker threw is data here (`pyType`, `pyModule`, `args`), never looked up by name.
 */
export class TaskError extends CeleriacError {
  readonly pyType: string;
  readonly pyModule: string;
  readonly args: readonly unknown[];
  readonly traceback: string | null;
  readonly taskId: string;

  constructor(failure: RemoteFailure, code: "TASK_FAILED" | "TASK_REVOKED" = "TASK_FAILED") {
    const detail = failure.args.length === 0 ? "" : `: ${failure.args.map(describe).join(", ")}`;
    super(`${failure.type}${detail}`, { code });
    this.pyType = failure.type;
    this.pyModule = failure.module;
    this.args = failure.args;
    this.traceback = failure.traceback;
    this.taskId = failure.taskId;
  }
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** `get()` gave up waiting; the task may still run. Code `RESULT_TIMEOUT`, retryable. Named as Celery's. */
export class TimeoutError extends CeleriacError {
  static readonly pythonModule = "celery.exceptions";

  constructor(message: string) {
    super(message, { code: "RESULT_TIMEOUT", retryable: true });
  }
}

/** A message names a task that this worker does not have. Stored in results under Celery's name. */
export class NotRegistered extends CeleriacError {
  static readonly pythonModule = "celery.exceptions";
  /** As Celery stores it, the task name; then what may have been meant. */
  readonly pythonArgs: readonly unknown[];

  constructor(taskName: string, near?: string) {
    const hint = near === undefined ? [] : [`Did you mean "${near}"?`];
    super(
      [
        `Task "${taskName}" is not registered.`,
        ...hint,
        "Import the module that defines it before the worker starts.",
      ].join(" "),
      {
        code: "NOT_REGISTERED",
      },
    );
    this.pythonArgs = [taskName, ...hint];
  }
}

/** `retry()` was asked for more often than `maxRetries` allows and no cause was given. */
export class MaxRetriesExceededError extends CeleriacError {
  static readonly pythonModule = "celery.exceptions";

  constructor(message: string) {
    super(message, { code: "MAX_RETRIES_EXCEEDED" });
  }
}

/** A child process died while it ran a task (killed, out of memory, `process.exit`). Stored under billiard's name. */
export class WorkerLostError extends CeleriacError {
  static readonly pythonModule = "billiard.exceptions";

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { code: "WORKER_LOST", ...options });
  }
}

/** A task killed the process that ran it again and again; it is kept as a dead letter instead of being run once more. */
export class DeliveryLimitExceeded extends CeleriacError {
  constructor(deliveries: number) {
    super(`The task lost its process ${deliveries} times; it is kept as a dead letter.`, {
      code: "DELIVERY_LIMIT_EXCEEDED",
    });
  }
}

/** The hard time limit passed; the task was killed. Stored under billiard's name with the limit in seconds. */
export class TimeLimitExceeded extends CeleriacError {
  static readonly pythonModule = "billiard.exceptions";
  readonly pythonArgs: readonly unknown[];

  constructor(limitSeconds: number) {
    super(`The task ran longer than its time limit of ${limitSeconds} s.`, { code: "TIME_LIMIT_EXCEEDED" });
    this.pythonArgs = [limitSeconds];
  }
}

/** The soft time limit passed; aborts the task's `signal` with this reason. Stored under billiard's name. */
export class SoftTimeLimitExceeded extends CeleriacError {
  static readonly pythonModule = "billiard.exceptions";
  readonly pythonArgs: readonly unknown[];

  constructor(limitSeconds: number) {
    super(`The task ran longer than its soft time limit of ${limitSeconds} s.`, { code: "SOFT_TIME_LIMIT_EXCEEDED" });
    this.pythonArgs = [];
  }
}

/** A task was revoked or expired before it ran. Its first argument is Celery's reason: `revoked`, `expired`, `terminated`. */
export class TaskRevokedError extends CeleriacError {
  static readonly pythonModule = "celery.exceptions";

  constructor(reason: "revoked" | "expired" | "terminated") {
    super(reason, { code: "TASK_REVOKED" });
  }
}

/** Arguments do not fit the task: wrong shape for its schema. Stored as Python's TypeError. */
export class ArgumentError extends CeleriacError {
  static readonly pythonModule = "builtins";
  static readonly pythonType = "TypeError";

  constructor(message: string) {
    super(message, { code: "ARGUMENTS_INVALID" });
  }
}
