import type { Logger, WireException } from "@celeriac/core";
import { pythonRepr } from "@celeriac/core";
import type { HeldRequest } from "../request/held-request.js";
import type { SettledEnding } from "../settle/plan-settlement.js";

/** The one log line of an attempt. */
export function reportEnding(log: Logger, held: HeldRequest, ending: SettledEnding, nowMs: number): void {
  const fields = {
    taskId: held.request.id,
    task: held.request.task,
    runtimeMs: nowMs - (held.startedAtMs ?? nowMs),
  };
  switch (ending.kind) {
    case "success":
      log.info(fields, "task succeeded");
      return;
    case "failure": {
      const error = textOfException(ending.exception);
      if (ending.expected) log.info({ ...fields, error }, "task failed as expected");
      else log.error({ ...fields, error, traceback: ending.traceback }, "task failed");
      return;
    }
    case "retry":
      log.info(
        { ...fields, reason: textOfException(ending.exception), inMs: ending.plan.dueAtMs - nowMs },
        "task will be retried",
      );
      return;
    case "timeout":
      log.error({ ...fields, limitSeconds: ending.limitSeconds }, "task stopped: hard time limit");
      return;
    case "lost":
      log.error({ ...fields, reason: ending.reason }, "the process running a task was lost");
      return;
    case "terminated":
      log.warn(fields, "task terminated on demand");
      return;
    case "aborted":
      log.warn({ ...fields, reason: ending.reason }, "task aborted by the shutdown");
      return;
    case "replace":
      log.info({ ...fields, by: ending.signature.task }, "task replaced");
      return;
    case "ignore":
      log.info({ ...fields, reason: ending.reason }, "task asked to be ignored");
      return;
    case "reject":
      log.info({ ...fields, reason: ending.reason, requeue: ending.requeue }, "task asked to be rejected");
  }
}

/** `ValueError: boom`. */
export function textOfException({ exc_type, exc_message }: WireException): string {
  const args = exc_message.map((arg) => (typeof arg === "string" ? arg : pythonRepr(arg)));
  return args.length === 0 ? exc_type : `${exc_type}: ${args.join(", ")}`;
}
