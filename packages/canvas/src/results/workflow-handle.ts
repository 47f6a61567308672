import type { GetOptions, ResultHandle } from "@celeriac/core";
import type { ResultGraph } from "./result-graph.js";
import type { RevokeOptions } from "./revoke.js";

/** How to follow results to those of the tasks that a task has sent. */
export interface FollowOptions {
  /** Also what is not ready yet, without what it will send. Default false: an incomplete tree is an error. */
  readonly intermediate?: boolean;
}

/** A result and the one whose task has sent it: undefined for the first. */
export interface Dependency {
  readonly parent: WorkflowHandle<unknown> | undefined;
  readonly node: WorkflowHandle<unknown>;
}

/**
 * The claim ticket of a workflow: that of its last step, with the steps before it as parents. The result of a group is a
 * `GroupResult`.
 */
export interface WorkflowHandle<Result, Progress = unknown> extends ResultHandle<Result, Progress> {
  /** The step before this one; a chord's body has its header, a `GroupResult`. */
  readonly parent: WorkflowHandle<unknown> | undefined;
  /**
   * Waits for the result.
   * @throws TaskError as soon as this task or a step before it has failed or was revoked; TimeoutError; BackendError.
   */
  get(options?: GetOptions): Promise<Result>;
  ready(): Promise<boolean>;
  successful(): Promise<boolean>;
  failed(): Promise<boolean>;
  /** Results of what the task has sent, a group as one; empty until it is ready. A group's are its members. */
  children(): Promise<readonly WorkflowHandle<unknown>[]>;
  /**
   * Every result in the tree of children, breadth first, each with its value as soon as it is there.
   * @see Celery `AsyncResult.collect`.
   */
  collect(options?: GetOptions): AsyncGenerator<readonly [WorkflowHandle<unknown>, unknown], void, undefined>;
  /**
   * The tree of children, breadth first.
   * @throws CeleriacError `RESULT_INCOMPLETE` after a result that is not ready, unless `intermediate` is set.
   * @see Celery `AsyncResult.iterdeps`.
   */
  iterdeps(options?: FollowOptions): AsyncGenerator<Dependency, void, undefined>;
  /** The tree of children as a graph. @throws CeleriacError like `iterdeps`. */
  graph(options?: FollowOptions): Promise<ResultGraph>;
  /**
   * Tells all workers not to run what has not started yet: this task, the steps before it, and a group's members.
   * @throws CeleriacError `CONTROL_UNSUPPORTED` for a broker that cannot reach all workers; BrokerError.
   */
  revoke(options?: RevokeOptions): Promise<void>;
  /** Removes this result and those of the steps before it. */
  forget(): Promise<void>;
}
