import type { App, Settings, TaskDefinition, TaskRequest } from "@celeriac/core";
import { parseDuration } from "@celeriac/core";
import type { AckPolicy } from "./ack-policy.js";
import { ackPolicyOf } from "./ack-policy.js";

/** What a task's options and the settings say together, decided once per task. What a message says comes on top. */
export interface TaskPolicy {
  readonly ack: AckPolicy;
  /** There is a backend to store in. */
  readonly canStore: boolean;
  /** For messages that do not say `ignore_result` themselves. */
  readonly ignoresResult: boolean;
  /** Store errors though results are ignored. */
  readonly storesErrors: boolean;
  readonly tracksStart: boolean;
  /** Seconds; a message's own limit wins. */
  readonly timeLimit: number | null;
  readonly softTimeLimit: number | null;
}

/** A task's own options win over settings; without a backend nothing is stored. */
export function taskPolicyOf(definition: TaskDefinition, settings: Settings, backend: App["backend"]): TaskPolicy {
  const { options } = definition;
  return {
    ack: ackPolicyOf(definition, settings),
    canStore: backend !== undefined,
    ignoresResult: options.ignoreResult ?? settings.taskIgnoreResult,
    storesErrors: options.storeErrorsEvenIfIgnored ?? settings.taskStoreErrorsEvenIfIgnored,
    tracksStart: options.trackStarted ?? settings.taskTrackStarted,
    timeLimit: options.timeLimit === undefined ? settings.taskTimeLimit : parseDuration(options.timeLimit),
    softTimeLimit:
      options.softTimeLimit === undefined ? settings.taskSoftTimeLimit : parseDuration(options.softTimeLimit),
  };
}

/** Whether states and the result of this message are stored: its own header says, else the task's policy. */
export function storesResult(request: TaskRequest, policy: TaskPolicy): boolean {
  if (!policy.canStore || request.ignoreResult) return false;
  return !policy.ignoresResult || (request.message.headers.ignore_result ?? null) !== null;
}

/** Whether errors of this message are stored. */
export function storesErrors(request: TaskRequest, policy: TaskPolicy): boolean {
  return policy.canStore && (policy.storesErrors || storesResult(request, policy));
}
