import type { OutgoingTask, Settings, TaskRequest, WireSignature } from "@celeriac/core";
import { createCompressions, createSerializers, decodeTask, encodeTask, parseSettings } from "@celeriac/core";
import type { TaskPolicy } from "../../src/request/task-policy.js";
import type { SettlementContext } from "../../src/settle/plan-settlement.js";

export const NOW_MS = Date.UTC(2030, 0, 1);

/** A request as it comes out of a message. */
export function sampleRequest(task: Partial<OutgoingTask> = {}): TaskRequest {
  const serializers = createSerializers();
  return decodeTask(encodeTask({ id: "task-1", task: "math.add", args: [1, 2], kwargs: {}, ...task }), {
    serializers,
    compressions: createCompressions(),
    acceptContent: serializers.accept(["json"]),
    nowMs: NOW_MS,
  });
}

export function sampleSignature(changes: Partial<WireSignature> = {}): WireSignature {
  return { task: "math.total", args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false, ...changes };
}

export function defaultSettings(input: Parameters<typeof parseSettings>[0] = {}): Settings {
  return parseSettings(input).settings;
}

export function samplePolicy(changes: Partial<TaskPolicy> = {}, ack: Partial<TaskPolicy["ack"]> = {}): TaskPolicy {
  return {
    ack: { late: true, onFailure: true, onTimeout: true, requeueWhenLost: false, ...ack },
    canStore: true,
    ignoresResult: false,
    storesErrors: false,
    tracksStart: false,
    timeLimit: null,
    softTimeLimit: null,
    ...changes,
  };
}

export function sampleContext(policy: TaskPolicy = samplePolicy()): SettlementContext {
  return {
    policy,
    settings: defaultSettings(),
    tasks: new Map(),
    hostname: "celery@host",
    queue: "celery",
    nowMs: NOW_MS,
  };
}
