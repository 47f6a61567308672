/**
 * When a message is acknowledged: Celery's ack matrix as one pure table. Call options do not reach here; a task's own
 * options win over settings. @see Celery user guide, "Tasks": acks_late, acks_on_failure_or_timeout,
 * reject_on_worker_lost.
 * @module
 */
import type { Settings, TaskDefinition } from "@celeriac/core";

export interface AckPolicy {
  /** Ack after the run; otherwise when the body is about to start. */
  readonly late: boolean;
  /** Late and failed: ack, or reject without requeue. */
  readonly onFailure: boolean;
  /** Late and over its hard limit: ack, or put back. */
  readonly onTimeout: boolean;
  /** Late and its process died: put back, or FAILURE(WorkerLostError). */
  readonly requeueWhenLost: boolean;
}

/**
 * What happens to the message at the end of an attempt. `none`: it was acknowledged before. `requeue` puts it behind the
 * waiting ones, `restore` in front, as if it had never been taken.
 */
export type Settlement = "none" | "ack" | "drop" | "requeue" | "restore";

export function ackPolicyOf(definition: TaskDefinition, settings: Settings): AckPolicy {
  const { options } = definition;
  const both = options.acksOnFailureOrTimeout ?? settings.taskAcksOnFailureOrTimeout;
  return {
    late: options.acksLate ?? settings.taskAcksLate,
    onFailure: options.acksOnFailure ?? settings.taskAcksOnFailure ?? both,
    onTimeout: options.acksOnTimeout ?? settings.taskAcksOnTimeout ?? both,
    requeueWhenLost: options.rejectOnWorkerLost ?? settings.taskRejectOnWorkerLost ?? false,
  };
}

/** How an attempt ended, as far as the ack matrix cares. `aborted`: by a cold shutdown, through no fault of its own. */
export type EndingKind =
  | "success"
  | "failure"
  | "retry"
  | "ignore"
  | "replace"
  | "timeout"
  | "lost"
  | "aborted"
  | "terminated"
  | "reject"
  | "reject-requeue";

export function settlementFor(policy: AckPolicy, ending: EndingKind): Settlement {
  if (!policy.late) return "none";
  switch (ending) {
    case "success":
    case "retry":
    case "ignore":
    case "replace":
    case "terminated":
      return "ack";
    case "failure":
      return policy.onFailure ? "ack" : "drop";
    case "timeout":
      return policy.onTimeout ? "ack" : "requeue";
    case "lost":
      return policy.requeueWhenLost ? "requeue" : policy.onFailure ? "ack" : "drop";
    case "aborted":
      return "restore";
    case "reject":
      return "drop";
    case "reject-requeue":
      return "requeue";
  }
}
