/**
 * Results as rows of `celery_taskmeta`, and back. `@see` PROTOCOL 7.9; Celery `backends/database/models.py`.
 * @module
 */
import { BackendError } from "@celeriac/core/errors";
import {
  decodeJson,
  decodeResultMeta,
  encodeJson,
  encodeResultMeta,
  isReady,
  type ResultMeta,
  type ResultRecord,
} from "@celeriac/core/protocol";
import { readBytes, readDateMs, readNumber, readText, writeDate } from "../dialect/read-value.js";
import type { Row, SqlValue } from "../dialect/statement.js";
import { EXTRA_COLUMN, ID_LENGTH, STATUS_LENGTH } from "../tables/wanted-tables.js";
import { checkId, cleanText, fitText } from "./check-id.js";
import { decodeResult, encodeResult, type ResultColumnOptions } from "./result-column.js";

/** Columns by name. */
export type ResultRow = Readonly<Record<string, SqlValue>>;

/**
 * @param now - For states that are not ready: their date is when they were stored, so that what never ends is cleaned up
 * too, and that no two of one process are alike. Readers are not told of it.
 * @throws BackendError for an id, state or result that does not fit; EncodeError for what cannot be written.
 */
export function encodeRow(
  record: ResultRecord,
  now: { readonly epochMs: number; readonly micros: number },
  options: ResultColumnOptions,
): ResultRow {
  const { taskId, status, extended, groupId } = record;
  checkId("task id", taskId);
  checkStatus(status);
  const doneMs = record.dateDoneMs ?? now.epochMs;
  return {
    task_id: taskId,
    status,
    result: encodeResult(
      record.result,
      options.compressesGroups === true || groupId === undefined ? status : undefined,
      options,
    ),
    date_done: writeDate(doneMs, record.dateDoneMs === null ? now.micros : 0),
    traceback: record.traceback === null ? null : cleanText(record.traceback),
    name: extended === undefined ? null : fitText(extended.name, ID_LENGTH),
    args: extended === undefined ? null : Buffer.from(encodeJson(extended.args)),
    kwargs: extended === undefined ? null : Buffer.from(encodeJson(extended.kwargs)),
    worker: extended === undefined ? null : fitText(extended.worker, ID_LENGTH),
    retries: extended === undefined ? null : extended.retries,
    queue: extended === undefined ? null : fitText(extended.queue, ID_LENGTH),
    [EXTRA_COLUMN]: encodeExtra(record, doneMs),
  };
}

/**
 * `undefined` for a row without a state.
 * @throws DecodeError `E_RESULT`
 */
export function decodeRow(row: Row, options: ResultColumnOptions): ResultMeta | undefined {
  const taskId = readText(row.task_id);
  const status = readText(row.status);
  if (taskId === undefined || status === undefined || status === "" || status === "PENDING") return undefined;
  const dateMs = readDateMs(row.date_done);
  const more = decodeExtra(readText(row[EXTRA_COLUMN]), { taskId, status, dateMs });
  return {
    taskId,
    status,
    result: decodeResult(readBytes(row.result), status, options),
    traceback: readText(row.traceback) ?? null,
    children: more?.children ?? null,
    dateDoneMs: isReady(status) ? (dateMs ?? null) : null,
    ...(more?.groupId === undefined ? {} : { groupId: more.groupId }),
    ...(more?.parentId === undefined ? {} : { parentId: more.parentId }),
    extra: { ...more?.extra, ...extendedOf(row) },
  };
}

/** A document of everything that has no column, with state and date, by which a reader knows whose it is. */
function encodeExtra(record: ResultRecord, doneMs: number): string {
  const { taskId, status, children, groupId, parentId, stamps } = record;
  return encodeResultMeta({
    ...{ taskId, status, children, result: "null", traceback: null, dateDoneMs: doneMs },
    ...(groupId === undefined ? {} : { groupId }),
    ...(parentId === undefined ? {} : { parentId }),
    ...(stamps === undefined ? {} : { stamps }),
  });
}

/** Columns without fractions round to the second. */
const SAME_MS = 1_000;

/** Python leaves this column as it is: what belongs to an attempt that another one has overwritten is not returned. */
function decodeExtra(
  text: string | undefined,
  row: { readonly taskId: string; readonly status: string; readonly dateMs: number | undefined },
): ResultMeta | undefined {
  if (text === undefined || row.dateMs === undefined) return undefined;
  const meta = decodeResultMeta(text, row.taskId);
  const isSame = meta.status === row.status && Math.abs((meta.dateDoneMs ?? 0) - row.dateMs) <= SAME_MS;
  return isSame ? meta : undefined;
}

function extendedOf(row: Row): Readonly<Record<string, unknown>> {
  const extended: Record<string, unknown> = {};
  for (const column of ["name", "worker", "queue"]) extended[column] = readText(row[column]);
  for (const column of ["args", "kwargs"]) extended[column] = decodeArguments(readBytes(row[column]));
  extended.retries = readNumber(row.retries);
  return Object.fromEntries(Object.entries(extended).filter(([, value]) => value !== undefined));
}

/** In the serializer of whoever stored it. What is not JSON is no reason to keep a result from its reader. */
function decodeArguments(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return decodeJson(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

function checkStatus(status: string): void {
  if (status.length <= STATUS_LENGTH && cleanText(status) === status) return;
  const message = `The state ${JSON.stringify(status.slice(0, 60))} does not fit: ${STATUS_LENGTH} characters at most, without NUL.`;
  throw new BackendError(message, { code: "BACKEND_REFUSED" });
}
