import { EncodeError } from "../errors/codec-error.js";
import { encodeUtf8 } from "./bytes.js";
import type { Compression } from "./compression.js";
import { encodeJson } from "./json.js";
import { defaultMaxDepth } from "./json-options.js";
import type { Message, MessageProperties } from "./message.js";
import { pythonRepr, pythonTupleRepr } from "./python-repr.js";
import { jsonSerializer, type Serializer } from "./serializer.js";
import { isRecord, showValue } from "./shape.js";
import { celeryHeaders, isTaskId } from "./task-headers.js";
import type { OutgoingTask } from "./task-request.js";
import type { Embed } from "./wire-signature.js";

/** How the body is written. JSON without compression unless said otherwise. */
export interface EncodeTaskOptions {
  readonly serializer?: Serializer;
  readonly compression?: Compression;
}

const emptyEmbed: Embed = { callbacks: null, errbacks: null, chain: null, chord: null };
/** Keyword arguments and embed of a body that has none. */
const emptyTail = `{},${JSON.stringify(emptyEmbed)}`;
/** The arguments are one level inside the body. */
const insideBody = { maxDepth: defaultMaxDepth - 1 };
const noLimits = [null, null] as const;
const noStamps = {};

/**
 * A task as a protocol 2 message, with every header and property that Python's own messages have (PROTOCOL section 2).
 * Celery's names win over custom headers of the same name.
 * @throws EncodeError naming the argument that has no form on the wire (`args[0].x`), or a field that would poison Python
 * workers: an empty task name, a bad id, args that are no array.
 */
export function encodeTask(task: OutgoingTask, options: EncodeTaskOptions = {}): Message {
  checkTask(task);
  const serializer = options.serializer ?? jsonSerializer;
  const body = encodeBody(task, serializer);
  const { compression } = options;
  return {
    body: compression === undefined ? body : compression.compress(body),
    contentType: serializer.contentType,
    contentEncoding: serializer.contentEncoding,
    headers: headersOf(task, compression),
    properties: propertiesOf(task),
  };
}

function checkTask(task: OutgoingTask): void {
  if (typeof task.task !== "string" || task.task === "") {
    throw new EncodeError(`A task needs a name, not ${showValue(task.task)}.`);
  }
  if (!isTaskId(task.id)) {
    throw new EncodeError(
      `The id of a task must be 1 to 255 bytes of text without control characters, not ${showValue(task.id)}.`,
    );
  }
  if (!Array.isArray(task.args)) throw new EncodeError(`Cannot encode args: an array is needed.`);
  if (!isRecord(task.kwargs)) throw new EncodeError(`Cannot encode kwargs: a plain object is needed.`);
}

function encodeBody(task: OutgoingTask, serializer: Serializer): Uint8Array {
  const embed = task.embed === undefined ? emptyEmbed : { ...emptyEmbed, ...task.embed };
  try {
    if (serializer === jsonSerializer && isEmptyRecord(task.kwargs) && leadsNowhere(embed)) {
      return encodeUtf8(`[${encodeJson(task.args, insideBody)},${emptyTail}]`);
    }
    return serializer.encode([task.args, task.kwargs, embed]);
  } catch (error) {
    // Once more under names, so that the path in the message reads args[0].x instead of [0][0].x.
    serializer.encode({ args: task.args, kwargs: task.kwargs, ...embed });
    throw error;
  }
}

/** A plain object without members; what else looks empty may write itself as something. */
function isEmptyRecord(record: Readonly<Record<string, unknown>>): boolean {
  for (const _name in record) return false;
  return Object.getPrototypeOf(record) === Object.prototype;
}

function leadsNowhere({ callbacks, errbacks, chain, chord }: Embed): boolean {
  return callbacks === null && errbacks === null && chain === null && chord === null;
}

function headersOf(task: OutgoingTask, compression: Compression | undefined): Readonly<Record<string, unknown>> {
  const own = {
    lang: "js",
    task: task.task,
    id: task.id,
    shadow: task.shadow ?? null,
    eta: task.eta ?? null,
    expires: task.expires ?? null,
    group: task.group ?? null,
    group_index: task.groupIndex ?? null,
    retries: task.retries ?? 0,
    timelimit: task.timeLimits ?? noLimits,
    root_id: task.rootId ?? task.id,
    parent_id: task.parentId ?? null,
    argsrepr: task.argsrepr ?? pythonTupleRepr(task.args),
    kwargsrepr: task.kwargsrepr ?? (isEmptyRecord(task.kwargs) ? "{}" : pythonRepr(task.kwargs)),
    origin: task.origin ?? "",
    ignore_result: task.ignoreResult ?? false,
    replaced_task_nesting: task.replacedTaskNesting ?? 0,
    stamped_headers: task.stampedHeaders ?? null,
    stamps: task.stamps ?? noStamps,
  };
  if (compression === undefined && task.headers === undefined) return own;
  return {
    ...customHeaders(task.headers),
    ...own,
    ...(compression === undefined ? undefined : { compression: compression.header }),
  };
}

function customHeaders(headers: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  if (headers === undefined) return {};
  const custom = Object.entries(headers).filter(([name]) => !celeryHeaders.has(name));
  checkHeaders(Object.fromEntries(custom));
  return Object.fromEntries(custom);
}

/** Headers are JSON in kombu's envelopes whatever the serializer of the body; better to fail here than while publishing. */
function checkHeaders(headers: Readonly<Record<string, unknown>>): void {
  try {
    encodeJson({ headers });
  } catch (error) {
    throw new EncodeError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function propertiesOf(task: OutgoingTask): MessageProperties {
  const own = {
    correlation_id: task.id,
    // Python workers with an rpc result store skip results when it is absent.
    reply_to: task.replyTo ?? "",
    delivery_mode: task.deliveryMode ?? 2,
    priority: task.priority ?? 0,
  };
  if (task.properties === undefined && task.expirationMs === undefined) return own;
  return {
    ...task.properties,
    ...own,
    ...(task.expirationMs === undefined ? undefined : { expiration: expirationText(task.expirationMs) }),
  };
}

/** Python writes "0" for what has expired already. */
function expirationText(expirationMs: number): string {
  return String(Math.max(0, Math.floor(expirationMs)));
}
