/**
 * Turns a call into the message parts and the route, purely: time, ids and the running parent are arguments.
 * What the call says wins over the task's options, those over routes, those over settings.
 * @module
 */
import { ArgumentError } from "../errors/index.js";
import type { TaskDefinition } from "../execution/task-definition.js";
import type { Route } from "../ports/queue.js";
import type { OutgoingTask, TaskRequest } from "../protocol/task-request.js";
import type { Embed } from "../protocol/wire-signature.js";
import type { Router } from "../routing/index.js";
import type { Settings } from "../settings/index.js";
import { parseDuration } from "../settings/index.js";
import type { Duration, SendOptions } from "../signature/send-options.js";
import { toWireCallbacks } from "../signature/wire-options.js";
import { representArguments } from "./represent-arguments.js";

/** One call of a task, as the user or a signature made it. */
export interface TaskCall {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly options: SendOptions;
  /** The task's own options, when its definition is known here. */
  readonly definition?: TaskDefinition | undefined;
  /** Remaining chain steps and chord, given by workflows. */
  readonly embed?: Pick<Partial<Embed>, "chain" | "chord">;
  readonly retries?: number;
  readonly replacedTaskNesting?: number;
}

export interface SendContext {
  readonly settings: Settings;
  readonly router: Router;
  /** `gen<pid>@<host>`. */
  readonly origin: string;
  /** Default `reply_to`. */
  readonly oid: string;
  readonly nowMs: number;
  readonly id: string;
  /** The task that is sending, if one is. */
  readonly parent: TaskRequest | undefined;
}

export interface SendPlan {
  readonly outgoing: OutgoingTask;
  readonly route: Route;
  readonly serializer: string;
  readonly compression: string | null;
  readonly ignoreResult: boolean;
}

const NO_KWARGS: Readonly<Record<string, unknown>> = Object.freeze({});

/** @throws ArgumentError for an option that cannot be meant; ConfigError for a queue that may not be created. */
export function planSend(call: TaskCall, context: SendContext): SendPlan {
  const { settings, parent } = context;
  const options: SendOptions =
    call.definition === undefined ? call.options : { ...call.definition.sendDefaults, ...call.options };
  const kwargs = options.kwargs ?? NO_KWARGS;
  const routed = context.router.route({ name: call.name, args: call.args, kwargs, options });
  const inherited = settings.taskInheritParentPriority ? (parent?.priority ?? null) : null;
  const priority = options.priority ?? routed.priority ?? inherited ?? settings.taskDefaultPriority;
  const ignoreResult = options.ignoreResult ?? settings.taskIgnoreResult;
  const outgoing: OutgoingTask = {
    id: context.id,
    task: call.name,
    args: call.args,
    kwargs,
    embed: {
      callbacks: orNull(toWireCallbacks(options.link)),
      errbacks: orNull(toWireCallbacks(options.linkError)),
      chain: call.embed?.chain ?? null,
      chord: call.embed?.chord ?? null,
    },
    ...timing(options, context.nowMs),
    retries: call.retries ?? 0,
    timeLimits: [seconds(options.timeLimit), seconds(options.softTimeLimit)],
    group: options.groupId ?? null,
    groupIndex: options.groupIndex ?? null,
    rootId: options.rootId ?? parent?.rootId ?? context.id,
    parentId: options.parentId ?? parent?.id ?? null,
    shadow: options.shadow ?? null,
    origin: context.origin,
    ignoreResult,
    replacedTaskNesting: call.replacedTaskNesting ?? 0,
    replyTo: options.replyTo ?? context.oid,
    ...(priority === null ? {} : { priority: checkPriority(priority) }),
    ...(options.deliveryMode === undefined ? {} : { deliveryMode: options.deliveryMode }),
    ...(options.headers === undefined ? {} : { headers: options.headers }),
    ...(options.properties === undefined ? {} : { properties: options.properties }),
    ...stamping(options),
    ...representArguments(call.definition, call.args, kwargs, options),
  };
  return {
    outgoing,
    route: routed.route,
    serializer: options.serializer ?? settings.taskSerializer,
    compression: options.compression ?? settings.taskCompression,
    ignoreResult,
  };
}

function timing(options: SendOptions, nowMs: number): Pick<OutgoingTask, "eta" | "expires" | "expirationMs"> {
  const { countdown, eta, expires } = options;
  const due =
    eta !== undefined
      ? moment("eta", eta)
      : countdown === undefined
        ? null
        : isoUtc(nowMs + 1000 * parseDuration(countdown));
  if (expires === undefined) return { eta: due, expires: null };
  const limit = isMoment(expires) ? moment("expires", expires) : isoUtc(nowMs + 1000 * parseDuration(expires));
  return { eta: due, expires: limit, expirationMs: Math.max(0, Math.trunc(Date.parse(limit) - nowMs)) };
}

/** Text that begins with a year is a moment; other text is a duration. */
function isMoment(value: Duration | Date): value is Date | string {
  return value instanceof Date || (typeof value === "string" && /^\d{4}-/.test(value));
}

function moment(name: string, value: Date | string): string {
  const text = typeof value === "string" ? value : value.getTime();
  const ms = typeof text === "number" ? text : Date.parse(hasOffset(text) ? text : `${text}Z`);
  if (Number.isNaN(ms))
    throw new ArgumentError(
      `${name} is not a moment: ${String(value)}. Give a Date or ISO 8601 text such as 2030-01-31T12:00:00+01:00.`,
    );
  return typeof value === "string" ? value : isoUtc(ms);
}

function hasOffset(text: string): boolean {
  return /(?:Z|[+-]\d{2}:?\d{0,2})$/i.test(text.slice(10));
}

/** `2030-01-31T12:00:00.123000+00:00`: the form every Celery reads. */
export function isoUtc(epochMs: number): string {
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime()))
    throw new ArgumentError(`A countdown or expiry of this size is not a moment: ${epochMs} ms.`);
  return `${date.toISOString().slice(0, -1)}000+00:00`;
}

function seconds(duration: Duration | undefined): number | null {
  return duration === undefined ? null : parseDuration(duration);
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

function checkPriority(priority: number): number {
  if (Number.isInteger(priority) && priority >= 0 && priority <= 255) return priority;
  throw new ArgumentError(
    `priority must be a whole number from 0 to 255, not ${String(priority)}. On Redis 0 is served first, on RabbitMQ the highest.`,
  );
}

function stamping(options: SendOptions): Pick<OutgoingTask, "stampedHeaders" | "stamps"> {
  return options.stamps === undefined ? {} : { stampedHeaders: Object.keys(options.stamps), stamps: options.stamps };
}
