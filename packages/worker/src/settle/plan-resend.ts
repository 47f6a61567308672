import type { OutgoingTask, RetryPlan, TaskRequest } from "@celeriac/core";
import { isoUtc } from "@celeriac/core";
import type { Effect } from "./effect.js";

/**
 * The next attempt as a message: the same id, one more retry, this attempt as the parent; everything else as it came.
 * @see PROTOCOL 2.3.
 */
export function planResend(request: TaskRequest, plan: RetryPlan): Effect {
  const { time_limit: hard, soft_time_limit: soft, priority, headers, expires, ...route } = plan.options ?? {};
  const replaced = plan.args !== undefined || plan.kwargs !== undefined;
  const task: OutgoingTask = {
    id: request.id,
    task: request.task,
    args: plan.args ?? request.args,
    kwargs: plan.kwargs ?? request.kwargs,
    embed: request.embed,
    eta: isoUtc(plan.dueAtMs),
    expires: typeof expires === "string" ? expires : request.expires,
    retries: request.retries + 1,
    timeLimits: [number(hard) ?? request.timeLimits[0], number(soft) ?? request.timeLimits[1]],
    group: request.group,
    groupIndex: request.groupIndex,
    rootId: request.rootId,
    parentId: request.id,
    shadow: request.shadow,
    ...(request.origin === null ? {} : { origin: request.origin }),
    ignoreResult: request.ignoreResult,
    replacedTaskNesting: request.replacedTaskNesting,
    stampedHeaders: request.stampedHeaders,
    stamps: request.stamps,
    // Hidden arguments stay hidden; replaced ones get a repr of their own.
    ...(replaced || request.argsrepr === null ? {} : { argsrepr: request.argsrepr }),
    ...(replaced || request.kwargsrepr === null ? {} : { kwargsrepr: request.kwargsrepr }),
    ...(request.replyTo === null ? {} : { replyTo: request.replyTo }),
    ...priorityOf(priority, request),
    headers: { ...request.headers, ...(isRecord(headers) ? headers : {}) },
  };
  return { kind: "resend", task, overrides: route };
}

function priorityOf(asked: unknown, request: TaskRequest): { priority?: number } {
  const priority = number(asked) ?? request.priority;
  return priority === null ? {} : { priority };
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
