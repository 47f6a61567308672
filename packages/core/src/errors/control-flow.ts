/**
 * Errors a task throws to steer its own message. They are not failures: nothing of them is stored as one.
 * @see Celery user guide, "Tasks", sections Ignore, Reject, Retrying.
 * @module
 */

import type { WireSignature } from "../protocol/wire-signature.js";

/** Acknowledge, store nothing: the task has dealt with its own state. */
export class Ignore extends Error {
  static readonly pythonModule = "celery.exceptions";

  constructor(reason = "") {
    super(reason);
    this.name = "Ignore";
  }
}

/** Reject the message (needs `acksLate` to have an effect): dead-letter it, or put it back when `requeue` is true. */
export class Reject extends Error {
  static readonly pythonModule = "celery.exceptions";
  readonly requeue: boolean;

  constructor(reason = "", options: { readonly requeue?: boolean } = {}) {
    super(reason);
    this.name = "Reject";
    this.requeue = options.requeue ?? false;
  }
}

/**
 * Ends this task and sends another signature in its place, which gets its id, its callbacks and its place in chains and
 * chords. Thrown by `context().replace()`; never build one by hand.
 * @see Celery `Task.replace`.
 */
export class Replaced extends Error {
  /** The dictionary of the signature that takes over. */
  readonly signature: WireSignature;

  constructor(signature: WireSignature) {
    super(`replaced by ${signature.task}`);
    this.name = "Replaced";
    this.signature = signature;
  }
}

/** What `retry()` was asked for; the worker turns it into a new message with the same id. */
export interface RetryPlan {
  /** Epoch milliseconds of the next attempt. */
  readonly dueAtMs: number;
  /** Replacement arguments; the message's own when absent. */
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Changes of route, priority, time limits or expiry for the next attempt, in wire names. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Ends this attempt and schedules the next. Thrown by `context().retry()`; never build one by hand. */
export class Retry extends Error {
  static readonly pythonModule = "celery.exceptions";
  readonly plan: RetryPlan;

  constructor(message: string, plan: RetryPlan, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "Retry";
    this.plan = plan;
  }
}
