import type { App, Logger, Outcome, TaskDefinition, TaskRequest, TaskState } from "@celeriac/core";

/** One run of a task, handed to a pool when a slot is free. Durations in seconds, as on the wire. */
export interface Attempt {
  readonly definition: TaskDefinition;
  readonly request: TaskRequest;
  readonly hostname: string;
  readonly timeLimit: number | null;
  readonly softTimeLimit: number | null;
  /**
   * Called once, when it is known which process runs the body and before it starts: the early ack happens here. False: the
   * message is not ours to run, and the body must not start. Never rejects.
   */
  begin(pid: number): Promise<boolean>;
  /** Stores a state that the task reports of itself; resolves once stored. `meta` is JSON text. */
  updateState(state: TaskState, meta: string): Promise<void>;
}

/**
 * How an attempt ended: by itself, killed by its hard limit, with the process that ran it, by a cold shutdown, or before its
 * body started.
 */
export type Ending =
  | Outcome
  | { readonly kind: "timeout"; readonly limitSeconds: number }
  /** `losses` is how often this has happened to the task here; the pool does not know. */
  | { readonly kind: "lost"; readonly reason: string; readonly losses?: number }
  /** Ended on demand (`terminate`): it counts as revoked. */
  | { readonly kind: "terminated" }
  | { readonly kind: "aborted"; readonly reason: string }
  | { readonly kind: "unstarted" };

/** What a pool needs to start. */
export interface PoolContext {
  readonly app: App;
  readonly hostname: string;
  readonly log: Logger;
}

/**
 * Runs attempts in slots. The worker hands over an attempt only when a slot is free, so a pool needs no queue.
 */
export interface Pool extends AsyncDisposable {
  /** `async`, `prefork`: shown in `inspect stats`. */
  readonly kind: string;
  readonly slots: number;
  /** @throws CeleriacError when the slots cannot be filled; nothing is left running then. */
  start(context: PoolContext): Promise<void>;
  /** Never rejects: whatever happens to an attempt is an ending. */
  run(attempt: Attempt): Promise<Ending>;
  /** Cold shutdown: stops what is running; each of those attempts ends as aborted, and no other one starts. */
  abort(reason: string): Promise<void>;
  /** Ends one running task; false when it is not running here. A process may have to go with it. */
  terminate(taskId: string): boolean;
  /** For `inspect stats`, in Celery's names. */
  info(): Readonly<Record<string, unknown>>;
  /** The process an attempt runs in, for `inspect active`. */
  pidOf(taskId: string): number | null;
}
