import { randomUUID } from "node:crypto";
import type { DeadLetterRecord, Delivery } from "@celeriac/core";

/** Longer messages are cut: the record is for people. */
const MAX_RAW_BYTES = 1024 * 1024;

export interface DeadLetterDetails {
  readonly reason: string;
  readonly detail: string;
  readonly worker: string;
  readonly atMs: number;
  readonly taskId?: string | undefined;
  readonly taskName?: string | undefined;
}

/** The record that keeps a message nobody could run. */
export function createDeadLetter(delivery: Delivery, details: DeadLetterDetails): DeadLetterRecord {
  const raw = delivery.raw();
  const kept = raw.length > MAX_RAW_BYTES ? raw.subarray(0, MAX_RAW_BYTES) : raw;
  return {
    id: randomUUID(),
    queue: delivery.queue,
    reason: details.reason,
    detail: details.detail.slice(0, 2000),
    at: details.atMs,
    worker: details.worker,
    ...(details.taskId === undefined ? {} : { taskId: details.taskId }),
    ...(details.taskName === undefined ? {} : { taskName: details.taskName }),
    raw: Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength).toString("base64"),
    ...(kept === raw ? {} : { truncated: true }),
  };
}
