/**
 * Celery's meta document, what a backend stores for a task. PROTOCOL 7.1.
 * @module
 */
import { DecodeError } from "../errors/codec-error.js";
import type { ResultTuple } from "../ports/result-backend.js";
import { decodeUtf8 } from "./bytes.js";
import { formatIsoUtc, parseIsoTime } from "./iso-time.js";
import { decodeJson, encodeJson } from "./json.js";
import type { ExtendedResult, ResultMeta, ResultRecord } from "./result-meta.js";
import { checkResultTuple, checkResultTuples, maxResultDepth } from "./result-tuple.js";
import { isRecord, showValue } from "./shape.js";

const resultOptions = { maxDepth: maxResultDepth };

/**
 * The meta document as JSON text; `record.result` is spliced in as it is.
 * @throws EncodeError when extended arguments or stamps have no JSON form.
 */
export function encodeResultMeta(record: ResultRecord): string {
  const doneAt = record.dateDoneMs === null ? "null" : `"${formatIsoUtc(record.dateDoneMs)}"`;
  const traceback = record.traceback === null ? "null" : JSON.stringify(record.traceback);
  const children = record.children === null ? "null" : encodeJson(record.children, resultOptions);
  let text =
    `{"status":${JSON.stringify(record.status)},"result":${record.result},"traceback":${traceback},` +
    `"children":${children},"date_done":${doneAt}`;
  if (record.groupId !== undefined) text += `,"group_id":${JSON.stringify(record.groupId)}`;
  if (record.parentId !== undefined) text += `,"parent_id":${JSON.stringify(record.parentId)}`;
  if (record.extended !== undefined) text += extendedMembers(record.extended);
  if (record.stamps !== undefined) text += stampMembers(record.stamps);
  return `${text},"task_id":${JSON.stringify(record.taskId)}}`;
}

function extendedMembers(extended: ExtendedResult): string {
  const { name, args, kwargs, worker, retries, queue } = extended;
  return `,${encodeJson({ name, args, kwargs, worker, retries, queue }).slice(1, -1)}`;
}

function stampMembers(stamps: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(stamps).filter((name) => !ownNames.has(name));
  const members = names.map((name) => `,${JSON.stringify(name)}:${encodeJson(stamps[name])}`);
  return names.length === 0 ? "" : `,"stamped_headers":${JSON.stringify(names)}${members.join("")}`;
}

const ownNames: ReadonlySet<string> = new Set([
  "status",
  "result",
  "traceback",
  "children",
  "date_done",
  "task_id",
  "group_id",
  "parent_id",
]);

/**
 * Reads a meta document of any Celery version: `date_done` with or without offset, `children` absent, unknown members kept
 * in `extra`. Only what a caller relies on must be right: `status`, the shape of `children`, an id.
 * @param taskId - Under which it was stored; used when the document names none (MongoDB).
 * @throws DecodeError `E_RESULT`
 */
export function decodeResultMeta(text: string | Uint8Array, taskId?: string): ResultMeta {
  const document = parseDocument(text);
  const { status, result, traceback, children, date_done, task_id, group_id, parent_id, ...extra } = document;
  if (typeof status !== "string" || status === "") throw fault(`"status" is ${showValue(status)}, not a state name`);
  const id = typeof task_id === "string" ? task_id : taskId;
  if (id === undefined) throw fault(`"task_id" is ${showValue(task_id)}, not a string`);
  return {
    taskId: id,
    status,
    result: result ?? null,
    traceback: typeof traceback === "string" ? traceback : null,
    children: checkResultTuples(children),
    dateDoneMs: epochMsOf(date_done),
    ...(typeof group_id === "string" ? { groupId: group_id } : undefined),
    ...(typeof parent_id === "string" ? { parentId: parent_id } : undefined),
    extra,
  };
}

/** The document of a saved group. PROTOCOL 7.4. */
export function encodeGroupMeta(tuple: ResultTuple): string {
  return `{"result":${encodeJson(tuple, resultOptions)}}`;
}

/** @throws DecodeError `E_RESULT` */
export function decodeGroupMeta(text: string | Uint8Array): ResultTuple {
  return checkResultTuple(parseDocument(text).result);
}

function parseDocument(raw: string | Uint8Array): Record<string, unknown> {
  const text = typeof raw === "string" ? raw : decodeUtf8(raw);
  if (text === undefined) throw fault("it is not valid UTF-8");
  let document: unknown;
  try {
    document = decodeJson(text, resultOptions);
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error), error);
  }
  if (!isRecord(document)) throw fault(`it is ${showValue(document)}, not an object`);
  return document;
}

/** An unreadable date is no reason to keep a result from its reader. */
function epochMsOf(value: unknown): number | null {
  if (value instanceof Date) return value.getTime();
  return typeof value === "string" ? (parseIsoTime(value)?.epochMs ?? null) : null;
}

function fault(reason: string, cause?: unknown): DecodeError {
  return new DecodeError(`A stored result cannot be read: ${reason}.`, { code: "E_RESULT", cause });
}
