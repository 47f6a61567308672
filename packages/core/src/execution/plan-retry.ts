import { ArgumentError, MaxRetriesExceededError, Retry } from "../errors/index.js";
import { formatIsoUtc, parseIsoTime, pythonRepr } from "../protocol/index.js";
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
 * MaxRetriesExceededError without one. An `eta` or `expires` that is no moment is an ArgumentError.
 * @see Celery `Task.retry`.
 */
export function planRetry(task: TaskDefinition, request: TaskRequest, options: RetryOptions, nowMs: number): unknown {
  const { cause, args, kwargs, countdown, eta, expires, maxRetries: asked, ...route } = options;
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
      : toMs("eta", eta);
  if (!isOnWire(dueAtMs))
    throw new ArgumentError(`A retry in ${(dueAtMs - nowMs) / 1000} s is at no moment of the calendar.`);
  const wire = optionsToWire(route);
  return new Retry(
    `Retry in ${Math.max(0, Math.round((dueAtMs - nowMs) / 1000))}s`,
    {
      dueAtMs,
      ...(args === undefined ? {} : { args }),
      ...(kwargs === undefined ? {} : { kwargs }),
      // A moment, because the plan is carried out later than it is made.
      options: expires === undefined ? wire : { ...wire, expires: formatIsoUtc(expiryMs(expires, nowMs)) },
    },
    cause,
  );
}

function isOnWire(ms: number): boolean {
  try {
    return formatIsoUtc(ms) !== "";
  } catch {
    return false;
  }
}

function expiryMs(expires: NonNullable<RetryOptions["expires"]>, nowMs: number): number {
  const isMoment = expires instanceof Date || (typeof expires === "string" && /^\d{4}-/.test(expires));
  return isMoment ? toMs("expires", expires) : nowMs + 1000 * parseDuration(expires);
}

/** Text without offset is UTC, as everywhere on the wire. */
function toMs(name: string, moment: Date | string): number {
  const ms = typeof moment === "string" ? parseIsoTime(moment)?.epochMs : moment.getTime();
  if (ms !== undefined && Number.isFinite(ms)) return ms;
  throw new ArgumentError(`${name} is not a moment: ${String(moment)}. Give a Date or ISO 8601 text.`);
}
