import { MaxRetriesExceededError, Retry } from "../errors/index.js";
import { pythonRepr } from "../protocol/index.js";
import type { TaskRequest } from "../protocol/task-request.js";
import { parseDuration } from "../settings/index.js";
import { optionsToWire } from "../signature/wire-options.js";
import { DEFAULT_RETRY_DELAY_S } from "./retry-delay.js";
import type { RetryOptions } from "./task-context.js";
import type { TaskDefinition } from "./task-definition.js";

/** Celery's default; `retry.max` or `maxRetries` of the task win. */
const DEFAULT_MAX_RETRIES = 3;

/** Attempts a task may still ask for; `null` is without end. */
export function maxRetriesOf(task: TaskDefinition): number | null {
  const { retry, maxRetries } = task.options;
  if (retry?.max !== undefined) return retry.max;
  return maxRetries === undefined ? DEFAULT_MAX_RETRIES : maxRetries;
}

/**
 * Decides what `retry()` throws: a `Retry` with the plan of the next attempt; or, when no attempt is left, the cause, or
 * MaxRetriesExceededError without one. @see Celery `Task.retry`.
 */
export function planRetry(task: TaskDefinition, request: TaskRequest, options: RetryOptions, nowMs: number): unknown {
  const { cause, args, kwargs, countdown, eta, maxRetries: asked, ...route } = options;
  const limit = asked === undefined ? maxRetriesOf(task) : asked;
  if (limit !== null && request.retries + 1 > limit) {
    return (
      cause ??
      new MaxRetriesExceededError(
        `Can't retry ${task.name}[${request.id}] args:${pythonRepr(request.args)} kwargs:${pythonRepr(request.kwargs)}`,
      )
    );
  }
  const dueAtMs =
    eta === undefined
      ? nowMs + 1000 * parseDuration(countdown ?? task.options.defaultRetryDelay ?? DEFAULT_RETRY_DELAY_S)
      : toMs(eta);
  return new Retry(
    `Retry in ${Math.max(0, Math.round((dueAtMs - nowMs) / 1000))}s`,
    {
      dueAtMs,
      ...(args === undefined ? {} : { args }),
      ...(kwargs === undefined ? {} : { kwargs }),
      options: optionsToWire(route),
    },
    cause,
  );
}

function toMs(moment: Date | string): number {
  return typeof moment === "string" ? Date.parse(moment) : moment.getTime();
}
