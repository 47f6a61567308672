export type { BroadcastOptions } from "./broadcast.js";
export type { ControlErrorCode } from "./control-error.js";
export { ControlError } from "./control-error.js";
export type { Control } from "./create-control.js";
export { createControl } from "./create-control.js";
export type { Inspect, InspectOptions } from "./inspect.js";
export type { Inspection } from "./inspection.js";
export { failureOf } from "./inspection.js";
export type { ConsumedQueue, RequestInfo, ScheduledRequest } from "./node-records.js";
