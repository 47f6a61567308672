import type { ResultRecord } from "../../src/protocol/index.js";

export function sampleRecord(taskId: string, status: string, result: unknown): ResultRecord {
  const isReady = ["SUCCESS", "FAILURE", "REVOKED"].includes(status);
  return {
    taskId,
    status,
    result: JSON.stringify(result),
    traceback: status === "FAILURE" ? "Traceback..." : null,
    children: null,
    dateDoneMs: isReady ? 1_700_000_000_000 : null,
  };
}
