import type { ReadableDelivery, TaskDefinition, TaskRequest } from "@celeriac/core";
import type { AckPolicy } from "./ack-policy.js";

/** Where a message is on its way through the worker. */
export type RequestState = "reserved" | "scheduled" | "active" | "settled";

/** A message this worker has taken, read and not yet settled. `state` is changed by the worker's flow only. */
export interface HeldRequest {
  readonly delivery: ReadableDelivery;
  readonly request: TaskRequest;
  readonly definition: TaskDefinition;
  readonly ack: AckPolicy;
  state: RequestState;
  acknowledged: boolean;
  /** Epoch milliseconds of the start; `undefined` before. */
  startedAtMs: number | undefined;
}
