import type { LogFields, LogLevel } from "@celeriac/core";

/** A log line of the worker, on its way to the screen. */
export interface WorkerLog {
  readonly type: "log";
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export type FromWorker = WorkerLog | { readonly type: "ready" };

/** The only thing we ever say to it. */
export interface ToWorker {
  readonly type: "stop";
}
