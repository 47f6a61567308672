import { DecodeError } from "../errors/codec-error.js";
import { type DecodeBodyOptions, decodeBody } from "./decode-body.js";
import { decodeEmbed } from "./embed.js";
import { parseIsoTime } from "./iso-time.js";
import type { Message } from "./message.js";
import { isRecord, showValue } from "./shape.js";
import {
  celeryHeaders,
  countField,
  type Fields,
  fault,
  flagField,
  idField,
  optionalIdField,
  reprField,
  stampedHeadersField,
  textField,
  timeLimitField,
  wholeNumberField,
} from "./task-headers.js";
import type { TaskRequest } from "./task-request.js";

/** What `decodeTask` accepts, and the limits it holds a message to. */
export interface DecodeTaskOptions extends DecodeBodyOptions {
  /** How far ahead an eta may be. Default 366 days. */
  readonly maxEtaMs?: number;
  /** The present, in epoch milliseconds. */
  readonly nowMs: number;
  /** Most headers of one message. Default 1,000. */
  readonly maxHeaders?: number;
  /**
   * Reads a time without offset in a protocol 1 message that says `utc: false`, given as if it were UTC. Default: it is.
   */
  readonly fromLocalMs?: (localMs: number) => number;
}

const defaultMaxEtaMs = 366 * 86_400_000;
const defaultMaxHeaders = 1_000;
const maxHeaderNameLength = 1_024;
const noMembers: Fields = Object.freeze({});

/** A message taken apart, before its fields are read. */
interface Parts {
  readonly args: unknown;
  readonly kwargs: unknown;
  readonly embed: unknown;
  /** Where the task's fields are: the headers, the body, or the body updated by the headers. */
  readonly fields: Fields;
  readonly protocol: 1 | 2;
}

/**
 * Reads a task out of a message. Version 2 keeps fields in headers and `[args, kwargs, embed]` in the body; version 1
 * keeps all of it in the body; the hybrid has a `task` header and a body of version 1, whose fields the headers override.
 * Types and ranges of all fields and the shape of callbacks, errbacks, chain and chord are checked here, once.
 * @throws DecodeError with the reason code of a dead-letter record; the same message fails again.
 * @see `celery/worker/strategy.py`; PROTOCOL sections 2, 3 and 17.
 */
export function decodeTask(message: Message, options: DecodeTaskOptions): TaskRequest {
  const headers = customHeaders(message.headers, options.maxHeaders ?? defaultMaxHeaders);
  const { args, kwargs, embed, fields, protocol } = takeApart(message, decodeBody(message, options));
  if (!Array.isArray(args)) throw shapeFault(`args is ${showValue(args)}, not a list`);
  if (!isRecord(kwargs)) throw shapeFault(`kwargs is ${showValue(kwargs)}, not an object`);
  if (embed !== null && !isRecord(embed)) throw shapeFault(`the third part is ${showValue(embed)}, not an object`);
  const id = idField(fields, "id");
  const properties: Fields = message.properties;
  return {
    id,
    task: taskName(fields.task),
    args,
    kwargs,
    embed: decodeEmbed(embed),
    etaMs: etaOf(fields, options),
    expiresMs: timeOf(fields, "expires", options),
    expires: textField(fields, "expires"),
    retries: countField(fields, "retries"),
    timeLimits: timeLimitField(fields),
    group: optionalIdField(fields, "group"),
    groupIndex: wholeNumberField(fields, "group_index", Number.MAX_SAFE_INTEGER),
    rootId: optionalIdField(fields, "root_id") ?? id,
    parentId: optionalIdField(fields, "parent_id"),
    shadow: textField(fields, "shadow"),
    origin: reprField(fields, "origin"),
    ignoreResult: flagField(fields, "ignore_result"),
    replacedTaskNesting: countField(fields, "replaced_task_nesting"),
    stampedHeaders: stampedHeadersField(fields),
    stamps: stampsOf(fields.stamps),
    argsrepr: reprField(fields, "argsrepr"),
    kwargsrepr: reprField(fields, "kwargsrepr"),
    replyTo: textField(properties, "reply_to") || null,
    correlationId: textField(properties, "correlation_id") || id,
    priority: wholeNumberField(properties, "priority", 255),
    headers,
    protocol,
    message,
  };
}

function takeApart(message: Message, body: unknown): Parts {
  const { headers } = message;
  if (Object.hasOwn(headers, "task")) {
    if (Array.isArray(body) && body.length === 3) {
      const [args, kwargs, embed]: unknown[] = body;
      return { args, kwargs, embed, fields: headers, protocol: 2 };
    }
    if (isRecord(body) && Object.hasOwn(body, "args")) {
      return legacyParts(body, { ...withTaskset(body), ...headers }, 2);
    }
    throw shapeFault(`it is ${Array.isArray(body) ? `a list of ${body.length}` : showValue(body)}`);
  }
  if (isRecord(body) && Object.hasOwn(body, "task")) return legacyParts(body, withTaskset(body), 1);
  throw new DecodeError('The message is no task: it has neither a "task" header nor a body with "task".', {
    code: "E_PROTOCOL",
  });
}

function legacyParts(body: Fields, fields: Fields, protocol: 1 | 2): Parts {
  const { args = [], kwargs = {}, callbacks, errbacks, chord } = body;
  return { args, kwargs, embed: { callbacks, errbacks, chord }, fields, protocol };
}

/** The oldest name of a group wins on read. */
function withTaskset(body: Fields): Fields {
  return Object.hasOwn(body, "taskset") ? { ...body, group: body.taskset } : body;
}

function customHeaders(headers: Fields, maxHeaders: number): Fields {
  let count = 0;
  let custom: [string, unknown][] | undefined;
  for (const name of Object.keys(headers)) {
    count += 1;
    if (celeryHeaders.has(name)) continue;
    if (name.length > maxHeaderNameLength) {
      throw fault(`${name.slice(0, 40)}...`, name, `named with at most ${maxHeaderNameLength} characters`);
    }
    custom ??= [];
    custom.push([name, headers[name]]);
  }
  if (count > maxHeaders) {
    throw new DecodeError(`The message has ${count} headers, more than ${maxHeaders} (maxHeaders).`, {
      code: "E_HEADER",
    });
  }
  return custom === undefined ? noMembers : Object.fromEntries(custom);
}

function taskName(value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw fault("task", value, "the name of a task");
}

function etaOf(fields: Fields, options: DecodeTaskOptions): number | undefined {
  const etaMs = timeOf(fields, "eta", options);
  const maxEtaMs = options.maxEtaMs ?? defaultMaxEtaMs;
  if (etaMs === undefined || etaMs - options.nowMs <= maxEtaMs) return etaMs;
  throw new DecodeError(
    `The header "eta" is ${showValue(fields.eta)}, more than ${Math.round(maxEtaMs / 86_400_000)} days ahead (maxEtaMs).`,
    { code: "E_ETA" },
  );
}

function timeOf(fields: Fields, name: "eta" | "expires", options: DecodeTaskOptions): number | undefined {
  const text = fields[name] ?? null;
  if (text === null) return undefined;
  const time = typeof text === "string" ? parseIsoTime(text) : undefined;
  if (time === undefined) throw fault(name, text, "an ISO 8601 date and time such as 2037-05-17T08:30:15+00:00");
  const isLocal = time.offsetSeconds === undefined && fields.utc === false && options.fromLocalMs !== undefined;
  return isLocal ? options.fromLocalMs(time.epochMs) : time.epochMs;
}

function stampsOf(value: unknown): Fields {
  if (value === null || value === undefined) return noMembers;
  if (isRecord(value)) return value;
  throw fault("stamps", value, "an object of stamp names and values");
}

function shapeFault(reason: string): DecodeError {
  return new DecodeError(`The body must be [args, kwargs, embed]: ${reason}.`, { code: "E_SHAPE" });
}
