import type { App, ResultBackend, ResultTuple } from "@celeriac/core";
import { BackendError, CeleriacError, currentSender } from "@celeriac/core";
import type { WorkflowHandle } from "./workflow-handle.js";

/** What is known of a planned task beside its id. */
export interface TaskNote {
  readonly name: string;
  /** Its result is not stored: waiting would never end. */
  readonly isIgnored: boolean;
}

/** What handles need of whoever hands them out. */
export interface ResultSource {
  readonly app: App;
  /** Undefined when there is nowhere to look. */
  readonly backend: ResultBackend | undefined;
  /** The send these results are of: waiting ends when it fails. */
  readonly published?: Promise<unknown>;
  readonly notes?: ReadonlyMap<string, TaskNote>;
  /** Ran in this process: nobody's slot is held by waiting for it. */
  readonly isEager?: boolean;
  /** A handle for any result of the same source. */
  open(tuple: ResultTuple): WorkflowHandle<unknown>;
}

/** @throws BackendError `BACKEND_MISSING` */
export function backendOf({ backend, app }: ResultSource, id: string): ResultBackend {
  if (backend !== undefined) return backend;
  throw new BackendError(
    `${id} has no result to look at: app "${app.name}" has no result backend. Give it one, for example createApp("${app.name}", { backend: redisBackend(url) }).`,
    { code: "BACKEND_MISSING" },
  );
}

/** @throws CeleriacError `GET_INSIDE_TASK` */
export function checkMayWait(source: Pick<ResultSource, "isEager">, allowInTask: boolean | undefined): void {
  if (allowInTask === true || source.isEager === true || currentSender() === undefined) return;
  throw new CeleriacError(
    "get() was called inside a task, where it would hold a worker's slot while it waits. Link the tasks instead, or pass { allowInTask: true }.",
    { code: "GET_INSIDE_TASK" },
  );
}
