import type { ResultRecord, Settings, TaskRequest } from "@celeriac/core";

/** What a record says of where and when it was made. */
export interface RecordContext {
  readonly settings: Settings;
  readonly hostname: string;
  readonly queue: string;
  readonly nowMs: number;
}

/** What is stored: `result` is JSON text. */
export interface StateToStore {
  readonly status: string;
  readonly result: string;
  readonly traceback?: string | null;
  readonly children?: ResultRecord["children"];
}

/** The record of a state, with what `result_extended` adds. @see PROTOCOL 7.1. */
export function toRecord(request: TaskRequest, state: StateToStore, context: RecordContext): ResultRecord {
  const { status, result, traceback = null, children = null } = state;
  const isReady = status === "SUCCESS" || status === "FAILURE" || status === "REVOKED";
  return {
    taskId: request.id,
    status,
    result,
    traceback,
    children,
    dateDoneMs: isReady ? context.nowMs : null,
    ...(request.group === null ? {} : { groupId: request.group }),
    ...(request.parentId === null ? {} : { parentId: request.parentId }),
    ...(request.replyTo === null ? {} : { replyTo: request.replyTo }),
    ...(request.correlationId === request.id ? {} : { correlationId: request.correlationId }),
    ...(context.settings.resultExtended ? extension(request, context) : {}),
  };
}

function extension(request: TaskRequest, context: RecordContext): Pick<ResultRecord, "extended" | "stamps"> {
  const { task: name, args, kwargs, retries, stampedHeaders, stamps } = request;
  return {
    extended: { name, args, kwargs, worker: context.hostname, retries, queue: context.queue },
    ...(stampedHeaders === null ? {} : { stamps: { stamped_headers: stampedHeaders, ...stamps } }),
  };
}
