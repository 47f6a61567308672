/**
 * Results as documents of `celery_taskmeta`, and back. `@see` PROTOCOL 7.8; Celery `backends/mongodb.py`.
 * @module
 */
import { decodeJson, encodeJson, type ResultMeta, type ResultRecord } from "@celeriac/core/protocol";
import type { StoredDocument } from "../connect/mongo-server.js";
import { fromBson, isFieldName, toBson } from "./bson-value.js";
import { checkId } from "./check-id.js";
import { decodeChildren, encodeChildren } from "./children.js";
import { OWN, type OwnFields, ownFieldsOf } from "./own-fields.js";
import { decodeResult, encodeResult, fault, type ResultValueOptions } from "./result-value.js";

const CELERY_FIELDS = [
  "_id",
  "status",
  "result",
  "traceback",
  "children",
  "date_done",
  "group_id",
  "parent_id",
] as const;
const KNOWN: ReadonlySet<string> = new Set([...CELERY_FIELDS, "task_id", OWN]);
const TASK_FIELDS: ReadonlySet<string> = new Set([
  "name",
  "args",
  "kwargs",
  "worker",
  "retries",
  "queue",
  "stamped_headers",
]);

/** @throws BackendError for an id or a result that does not fit; EncodeError for what cannot be written. */
export function encodeDocument(record: ResultRecord, own: OwnFields, options: ResultValueOptions): StoredDocument {
  const { taskId, status, traceback, dateDoneMs, groupId, parentId } = record;
  checkId("task id", taskId);
  const { children, whole } = encodeChildren(record.children);
  const isPlain = groupId !== undefined && !options.compressesGroups;
  const { fields, text } = encodeExtra(extraOf(record));
  return {
    _id: taskId,
    status,
    result: encodeResult(record.result, { id: taskId, status: isPlain ? undefined : status }, options),
    traceback,
    children,
    date_done: dateDoneMs === null ? null : new Date(dateDoneMs),
    ...(groupId === undefined ? {} : { group_id: groupId }),
    ...(parentId === undefined ? {} : { parent_id: parentId }),
    ...fields,
    [OWN]: {
      ...own,
      ...(whole === undefined ? {} : { children: whole }),
      ...(text === undefined ? {} : { extra: text }),
    },
  };
}

/** @throws DecodeError `E_RESULT` */
export function decodeDocument(document: StoredDocument, options: ResultValueOptions): ResultMeta {
  const { _id, status, result, traceback, children, date_done, group_id, parent_id } = document;
  if (typeof _id !== "string") throw fault("its _id is not text");
  if (typeof status !== "string" || status === "") throw fault('"status" is not the name of a state');
  const own = ownFieldsOf(document);
  return {
    taskId: _id,
    status,
    result: decodeResult(result, options),
    traceback: typeof traceback === "string" ? traceback : null,
    children: decodeChildren(children, own.children),
    dateDoneMs: date_done instanceof Date && !Number.isNaN(date_done.getTime()) ? date_done.getTime() : null,
    ...(typeof group_id === "string" ? { groupId: group_id } : {}),
    ...(typeof parent_id === "string" ? { parentId: parent_id } : {}),
    extra: { ...decodeFields(document), ...decodeText(own.extra) },
  };
}

/** Fields of `result_extended` and stamps, under their wire names. */
function extraOf({ extended, stamps }: ResultRecord): Readonly<Record<string, unknown>> {
  if (stamps === undefined) return { ...extended };
  const names = Object.keys(stamps).filter((name) => !KNOWN.has(name) && !TASK_FIELDS.has(name));
  const values = Object.fromEntries(names.map((name) => [name, stamps[name]]));
  return { ...extended, ...(names.length === 0 ? {} : { stamped_headers: names, ...values }) };
}

/** What MongoDB cannot hold as it is goes into a text of ours; for Python its place is then empty. */
function encodeExtra(extra: Readonly<Record<string, unknown>>): {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string | undefined;
} {
  const fields: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(extra)) {
    const plain = decodeJson(encodeJson(value));
    const written = isFieldName(name) ? toBson(plain) : undefined;
    if (written !== undefined) fields[name] = written.value;
    else {
      rest[name] = plain;
      if (TASK_FIELDS.has(name)) fields[name] = null; // Python looks for these
    }
  }
  return { fields, text: Object.keys(rest).length === 0 ? undefined : encodeJson(rest) };
}

function decodeFields(document: StoredDocument): Readonly<Record<string, unknown>> {
  const names = Object.keys(document).filter((name) => !KNOWN.has(name));
  return Object.fromEntries(names.map((name) => [name, fromBson(document[name])]));
}

/** What cannot be read there is no reason to keep a result from its reader. */
function decodeText(text: unknown): object {
  if (typeof text !== "string") return {};
  try {
    const fields = decodeJson(text);
    return typeof fields === "object" && fields !== null && !Array.isArray(fields) ? fields : {};
  } catch {
    return {};
  }
}
