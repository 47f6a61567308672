import { Ignore, Reject, Replaced, Retry } from "../errors/index.js";
import type { ResultTuple } from "../ports/result-backend.js";
import { encodeException, encodeJson, formatTraceback } from "../protocol/index.js";
import type { TaskRequest } from "../protocol/task-request.js";
import { parseDuration } from "../settings/index.js";
import { validate } from "../standard-schema/validate.js";
import { bindArguments } from "./arguments.js";
import type { Surroundings } from "./engine-context.js";
import { EngineContext } from "./engine-context.js";
import type { Outcome } from "./outcome.js";
import { maxRetriesOf, planRetry } from "./plan-retry.js";
import { automaticRetryDelay, DEFAULT_RETRY_DELAY_S } from "./retry-delay.js";
import type { RunningTask } from "./task-context.js";
import { runInContext } from "./task-context.js";
import type { TaskDefinition } from "./task-definition.js";
import type { ErrorClass } from "./task-options.js";

/**
 * Runs one attempt of a task and says how it ended. Never rejects: whatever user code throws becomes an outcome. The retry
 * policy is for what the body throws: arguments that do not fit and results that cannot be encoded fail again.
 */
export async function runTask(
  task: TaskDefinition,
  request: TaskRequest,
  surroundings: Surroundings,
): Promise<Outcome> {
  const children: ResultTuple[] = [];
  const current: RunningTask = { context: new EngineContext(task, request, surroundings), children };
  try {
    const bound = bindArguments(task, request.args, request.kwargs);
    const args = bound instanceof Promise ? await bound : bound;
    let returned: unknown;
    try {
      returned = await runInContext(current, () => task.run(current.context, args));
    } catch (error) {
      return endWithError(task, children, retryByPolicy(task, request, surroundings, error));
    }
    const value =
      task.output === undefined ? returned : await validate(task.output, returned, `result of task "${task.name}"`);
    return { kind: "success", result: encodeJson(value), children };
  } catch (error) {
    return endWithError(task, children, error);
  }
}

function endWithError(task: TaskDefinition, children: readonly ResultTuple[], error: unknown): Outcome {
  if (error instanceof Ignore) return { kind: "ignore", reason: error.message };
  if (error instanceof Reject) return { kind: "reject", reason: error.message, requeue: error.requeue };
  if (error instanceof Replaced) return { kind: "replace", signature: error.signature, children };
  if (error instanceof Retry) {
    const reason = error.cause ?? error;
    return {
      kind: "retry",
      plan: error.plan,
      exception: encodeException(reason),
      traceback: formatTraceback(reason),
      children,
    };
  }
  return {
    kind: "failure",
    exception: encodeException(error),
    traceback: formatTraceback(error),
    children,
    expected: isOneOf(error, task.options.throws ?? []),
  };
}

/** The error itself, or the Retry that the task's policy makes of it. */
function retryByPolicy(
  task: TaskDefinition,
  request: TaskRequest,
  surroundings: Surroundings,
  error: unknown,
): unknown {
  const policy = task.options.retry;
  if (policy === undefined || isSteering(error)) return error;
  const wanted =
    policy.on === undefined || (typeof policy.on === "function" ? policy.on(error) : isOneOf(error, policy.on));
  if (!wanted || isOneOf(error, policy.except ?? [])) return error;
  const fallback = parseDuration(task.options.defaultRetryDelay ?? DEFAULT_RETRY_DELAY_S);
  const countdown = automaticRetryDelay(policy, request.retries, fallback, surroundings.random);
  return planRetry(task, request, { countdown, cause: error, maxRetries: maxRetriesOf(task) }, surroundings.now());
}

/** Thrown by the task to steer its message: no failure. */
function isSteering(error: unknown): boolean {
  return error instanceof Retry || error instanceof Replaced || error instanceof Ignore || error instanceof Reject;
}

function isOneOf(error: unknown, classes: readonly ErrorClass[]): boolean {
  return classes.some((errorClass) => error instanceof errorClass);
}
