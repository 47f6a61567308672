/**
 * Turns a call into the message parts and the route, purely: time, ids and the running parent are arguments.
 * What the call says wins over the task's options, those over routes, those over settings.
 * @module
 */
import { ArgumentError } from "../errors/index.js";
import type { TaskDefinition } from "../execution/task-definition.js";
import type { Route } from "../ports/queue.js";
import { formatIsoUtc, parseIsoTime } from "../protocol/index.js";
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
  /** What comes after the task, as workflows say it; what is given here wins over the options. */
  readonly embed?: Partial<Embed>;
  /** The same message again is not published again, where the broker can tell. */
  readonly once?: boolean;
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

/** @throws ArgumentError for an option that cannot be meant; QueueNotFound for a queue that may not be created. */
export function planSend(call: TaskCall, context: SendContext): SendPlan {
  const { settings, parent } = context;
  const asked: SendOptions =
    call.definition === undefined ? call.options : { ...call.definition.sendDefaults, ...call.options };
  const routed = context.router.route({
    name: call.name,
    args: call.args,
    kwargs: asked.kwargs ?? NO_KWARGS,
    options: asked,
  });
  const options = routed.options; // what a route adds (serializer, expires...) lies under what the call asked
  const kwargs = options.kwargs ?? NO_KWARGS;
  const inherited = settings.taskInheritParentPriority ? (parent?.priority ?? null) : null;
  const priority = options.priority ?? routed.priority ?? inherited ?? settings.taskDefaultPriority;
  const ignoreResult = options.ignoreResult ?? settings.taskIgnoreResult;
  const outgoing: OutgoingTask = {
    id: context.id,
    task: call.name,
    args: call.args,
    kwargs,
    embed: {
      callbacks: call.embed?.callbacks ?? orNull(toWireCallbacks(options.link)),
      errbacks: call.embed?.errbacks ?? orNull(toWireCallbacks(options.linkError)),
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
    deliveryMode: options.deliveryMode ?? routed.deliveryMode,
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
      ? moment("eta", eta).text
      : countdown === undefined
        ? null
        : momentAt("countdown", nowMs + 1000 * parseDuration(countdown)).text;
  if (expires === undefined) return { eta: due, expires: null };
  const limit = isMoment(expires)
    ? moment("expires", expires)
    : momentAt("expires", nowMs + 1000 * parseDuration(expires));
  return { eta: due, expires: limit.text, expirationMs: Math.max(0, Math.trunc(limit.ms - nowMs)) };
}

interface Moment {
  readonly ms: number;
  /** As it is sent. */
  readonly text: string;
}

/** Text that begins with a year is a moment; other text is a duration. */
function isMoment(value: Duration | Date): value is Date | string {
  return value instanceof Date || (typeof value === "string" && /^\d{4}-/.test(value));
}

/** Text without offset is UTC, as Celery reads it. */
function moment(name: string, value: Date | string): Moment {
  if (value instanceof Date) return momentAt(name, value.getTime());
  const time = parseIsoTime(value);
  if (time !== undefined) return { ms: time.epochMs, text: value };
  throw new ArgumentError(
    `${name} is not a moment: ${value}. Give a Date or ISO 8601 text such as 2030-01-31T12:00:00+01:00.`,
  );
}

function momentAt(name: string, ms: number): Moment {
  try {
    return { ms, text: formatIsoUtc(ms) };
  } catch (error) {
    throw new ArgumentError(`${name} is not a moment: ${error instanceof Error ? error.message : String(error)}`);
  }
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
