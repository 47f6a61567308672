import type { ReadableDelivery, TaskDefinition, TaskRequest } from "@celeriac/core";
import type { TaskPolicy } from "./task-policy.js";

/** Where a message is on its way through the worker. `ended`: the body is over, what follows is not. */
export type RequestState = "reserved" | "scheduled" | "active" | "ended" | "settled";

/** A message this worker has taken, read and not yet settled. Its state is changed by the worker's flow only. */
export interface HeldRequest {
  readonly delivery: ReadableDelivery;
  readonly request: TaskRequest;
  readonly definition: TaskDefinition;
  readonly policy: TaskPolicy;
  state: RequestState;
  /** Gone from the broker: acknowledged by us, or taken when it was handed out. */
  acknowledged: boolean;
  /** Epoch milliseconds of the start of the body; `undefined` before. */
  startedAtMs: number | undefined;
}
