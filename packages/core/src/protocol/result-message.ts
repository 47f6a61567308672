import { encodeJson } from "./json.js";
import type { ResultRecord } from "./result-meta.js";
import { maxResultDepth } from "./result-tuple.js";

/**
 * A result as it is sent to whoever asked for it, as JSON text: fewer members than the stored document has, in Celery's
 * order. `decodeResultMeta` reads it. PROTOCOL 7.7.
 * @see Celery `backends/rpc.py`, `_to_result`.
 */
export function encodeResultMessage(record: ResultRecord): string {
  const { taskId, status, result, traceback, children } = record;
  const kin = children === null ? "null" : encodeJson(children, { maxDepth: maxResultDepth });
  return (
    `{"task_id":${JSON.stringify(taskId)},"status":${JSON.stringify(status)},"result":${result},` +
    `"traceback":${JSON.stringify(traceback)},"children":${kin}}`
  );
}
