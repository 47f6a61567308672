import type { OutgoingTask, RetryPlan, TaskRequest } from "@celeriac/core";
import { formatIsoUtc } from "@celeriac/core";
import type { Effect } from "./effect.js";

/** What RabbitMQ's dead-lettering adds to a message: of the old message, not of the next. @see celery/app/task.py. */
const DEATH_HEADERS: ReadonlySet<string> = new Set([
  "x-death",
  "x-first-death-exchange",
  "x-first-death-queue",
  "x-first-death-reason",
  "x-last-death-exchange",
  "x-last-death-queue",
  "x-last-death-reason",
]);

/**
 * The next attempt as a message: the same id, one more retry, this attempt as the parent; everything else as it came.
 * @param plan - Its options are in wire names; `expires` is a moment there.
 * @see PROTOCOL 2.3.
 */
export function planResend(request: TaskRequest, plan: RetryPlan, nowMs: number): Effect {
  const { time_limit: hard, soft_time_limit: soft, priority, headers, expires: asked, ...route } = plan.options ?? {};
  const isReplaced = plan.args !== undefined || plan.kwargs !== undefined;
  const expires = typeof asked === "string" ? asked : request.expires;
  const task: OutgoingTask = {
    id: request.id,
    task: request.task,
    args: plan.args ?? request.args,
    kwargs: plan.kwargs ?? request.kwargs,
    embed: request.embed,
    eta: formatIsoUtc(plan.dueAtMs),
    expires,
    ...expiration(expires, request, nowMs),
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
    ...(isReplaced || request.argsrepr === null ? {} : { argsrepr: request.argsrepr }),
    ...(isReplaced || request.kwargsrepr === null ? {} : { kwargsrepr: request.kwargsrepr }),
    ...(request.replyTo === null ? {} : { replyTo: request.replyTo }),
    ...priorityOf(priority, request),
    ...(request.message.properties.delivery_mode === 1 ? { deliveryMode: 1 } : {}),
    headers: { ...aliveHeaders(request.headers), ...(isRecord(headers) ? headers : {}) },
  };
  return { kind: "resend", task, overrides: route };
}

/** The transport's own expiry, counted from now: it knows no moments. */
function expiration(expires: string | null, request: TaskRequest, nowMs: number): { expirationMs?: number } {
  if (expires === null) return {};
  const expiresMs = expires === request.expires ? request.expiresMs : Date.parse(expires); // ours, with offset
  return expiresMs === undefined || Number.isNaN(expiresMs) ? {} : { expirationMs: expiresMs - nowMs };
}

function aliveHeaders(headers: TaskRequest["headers"]): TaskRequest["headers"] {
  const names = Object.keys(headers);
  if (!names.some((name) => DEATH_HEADERS.has(name))) return headers;
  return Object.fromEntries(names.filter((name) => !DEATH_HEADERS.has(name)).map((name) => [name, headers[name]]));
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
