import type { Duration, EncodeTaskOptions, Message, OutgoingTask } from "@celeriac/core";
import { ArgumentError, encodeTask, formatIsoUtc, parseDuration, parseIsoTime } from "@celeriac/core";
import type { PlannedTask } from "./planned-task.js";

export interface EncodePlannedOptions extends EncodeTaskOptions {
  /** Epoch milliseconds that countdown and expires count from. */
  readonly nowMs: number;
  /** Shown by workers as the sender: `gen<pid>@<host>`. */
  readonly origin: string;
  /** Queue for results, for stores that need it. */
  readonly replyTo?: string;
}

/**
 * A planned task as a protocol 2 message. Where it goes (`options.queue`, `exchange`, `routingKey`), its serializer and
 * its compression by name are for whoever publishes it.
 * @throws EncodeError for what has no form on the wire; DurationError; ArgumentError for a moment that is none.
 */
export function encodePlanned(task: PlannedTask, how: EncodePlannedOptions): Message {
  const { options } = task;
  const { priority, deliveryMode, headers, properties, stamps, argsrepr, kwargsrepr } = options;
  const replyTo = options.replyTo ?? how.replyTo;
  const outgoing: OutgoingTask = {
    id: task.id,
    task: task.task,
    args: task.args,
    kwargs: task.kwargs,
    embed: task.embed,
    ...timing(task, how.nowMs),
    timeLimits: [seconds(options.timeLimit), seconds(options.softTimeLimit)],
    group: task.group,
    groupIndex: task.groupIndex,
    rootId: task.rootId,
    parentId: task.parentId,
    shadow: options.shadow ?? null,
    origin: how.origin,
    replacedTaskNesting: task.replacedTaskNesting,
    ignoreResult: options.ignoreResult ?? false,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(priority === undefined ? {} : { priority }),
    ...(deliveryMode === undefined ? {} : { deliveryMode }),
    ...(headers === undefined ? {} : { headers }),
    ...(properties === undefined ? {} : { properties }),
    ...(stamps === undefined ? {} : { stampedHeaders: Object.keys(stamps), stamps }),
    ...(argsrepr === undefined ? {} : { argsrepr }),
    ...(kwargsrepr === undefined ? {} : { kwargsrepr }),
  };
  return encodeTask(outgoing, how);
}

function timing({ options }: PlannedTask, nowMs: number): Pick<OutgoingTask, "eta" | "expires" | "expirationMs"> {
  const eta = momentOf("eta", options.eta, nowMs) ?? momentOf("countdown", options.countdown, nowMs);
  const expires = momentOf("expires", options.expires, nowMs);
  if (expires === undefined) return { eta: eta?.text ?? null, expires: null };
  return { eta: eta?.text ?? null, expires: expires.text, expirationMs: Math.max(0, Math.trunc(expires.ms - nowMs)) };
}

interface Moment {
  readonly ms: number;
  /** As it is sent. */
  readonly text: string;
}

/** Text that begins with a year is a moment; numbers and other text are durations. */
function momentOf(name: string, value: Duration | Date | undefined, nowMs: number): Moment | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && (name === "eta" || /^\d{4}-/.test(value))) {
    const time = parseIsoTime(value);
    if (time === undefined) throw new ArgumentError(`${name} is not a moment: ${value}. Give a Date or ISO 8601 text.`);
    return { ms: time.epochMs, text: value };
  }
  const ms = value instanceof Date ? value.getTime() : nowMs + 1000 * parseDuration(value);
  return { ms, text: formatIsoUtc(ms) };
}

function seconds(duration: Duration | undefined): number | null {
  return duration === undefined ? null : parseDuration(duration);
}
