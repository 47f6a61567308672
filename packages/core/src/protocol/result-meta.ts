import type { ResultTuple } from "../ports/result-backend.js";

/** Celery's states; a task may also set states of its own. PROTOCOL section 8. */
export type BuiltinState =
  | "PENDING"
  | "RECEIVED"
  | "STARTED"
  | "SUCCESS"
  | "FAILURE"
  | "REVOKED"
  | "RETRY"
  | "REJECTED"
  | "IGNORED";
export type TaskState = BuiltinState | (string & {});

/** What `result_extended` adds. PROTOCOL 7.1. */
export interface ExtendedResult {
  readonly name: string;
  readonly args: unknown;
  readonly kwargs: unknown;
  readonly worker: string;
  readonly retries: number;
  readonly queue: string;
}

/**
 * What a worker hands to a backend. The result is JSON text already (kombu's typed values included), encoded once where
 * the task ran; a backend with another serializer decodes and encodes again.
 */
export interface ResultRecord {
  readonly taskId: string;
  readonly status: TaskState;
  /** JSON text of the value, of the wire exception (PROTOCOL 7.3) or of a custom state's meta. */
  readonly result: string;
  readonly traceback: string | null;
  readonly children: readonly ResultTuple[] | null;
  /** Epoch milliseconds for ready states, `null` otherwise. */
  readonly dateDoneMs: number | null;
  readonly groupId?: string;
  readonly parentId?: string;
  readonly extended?: ExtendedResult;
  /** Names and values of stamps, stored with `result_extended`. */
  readonly stamps?: Readonly<Record<string, unknown>>;
  /** `reply_to` of the task: where `rpc://` sends its results. Absent when its sender named no queue. */
  readonly replyTo?: string;
  /** `correlation_id` of the task, when it is not its id. */
  readonly correlationId?: string;
}

/** A stored result, read back. */
export interface ResultMeta {
  readonly taskId: string;
  readonly status: TaskState;
  /** The value; for FAILURE, RETRY and REVOKED a `WireException`; for custom states their meta. */
  readonly result: unknown;
  readonly traceback: string | null;
  readonly children: readonly ResultTuple[] | null;
  readonly dateDoneMs: number | null;
  readonly groupId?: string;
  readonly parentId?: string;
  /** Everything else in the document, in wire names (`name`, `args`, `worker`, stamps...). */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** An exception as data. PROTOCOL 7.3. */
export interface WireException {
  readonly exc_type: string;
  readonly exc_message: readonly unknown[];
  readonly exc_module: string;
}

/** States after which nothing more happens. */
export function isReady(state: TaskState): boolean {
  return state === "SUCCESS" || state === "FAILURE" || state === "REVOKED";
}
