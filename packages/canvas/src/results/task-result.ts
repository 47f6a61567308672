import type { GetOptions, ProgressOptions, ResultMeta, ResultTuple, TaskState } from "@celeriac/core";
import { BackendError, decodeException, isReady } from "@celeriac/core";
import { collectDependencies, graphOf, iterateDependencies } from "./dependencies.js";
import type { Observable, Settled, Stop } from "./observe.js";
import { arrivals, waitFor, watch } from "./observe.js";
import type { ResultGraph } from "./result-graph.js";
import type { ResultSource } from "./result-source.js";
import { backendOf, checkMayWait } from "./result-source.js";
import type { RevokeOptions } from "./revoke.js";
import { revokeAll, taskIdsIn } from "./revoke.js";
import type { Dependency, FollowOptions, WorkflowHandle } from "./workflow-handle.js";

/** The handle of one task, with the steps before it. A class for its getter: parents are made when somebody looks. */
export class TaskResult<Result, Progress> implements WorkflowHandle<Result, Progress>, Observable {
  readonly id: string;
  readonly #source: ResultSource;
  readonly #tuple: ResultTuple;
  #parent: WorkflowHandle<unknown> | undefined;

  constructor(source: ResultSource, tuple: ResultTuple) {
    this.id = tuple[0][0];
    this.#source = source;
    this.#tuple = tuple;
  }

  get taskName(): string | undefined {
    return this.#source.notes?.get(this.id)?.name;
  }

  get parent(): WorkflowHandle<unknown> | undefined {
    const tuple = this.#tuple[0][1];
    if (tuple !== null) this.#parent ??= this.#source.open(tuple);
    return this.#parent;
  }

  async get(options: GetOptions = {}): Promise<Result> {
    checkMayWait(this.#source, options.allowInTask);
    const value = await waitFor((onSettled) => this["~observe"](onSettled, true), options, `Task ${this.id}`);
    return value as Result; // the declared type; the wire cannot prove it
  }

  "~observe"(onSettled: (settled: Settled) => void, propagate: boolean): Stop {
    const { published, notes } = this.#source;
    const backend = backendOf(this.#source, this.id);
    if (notes?.get(this.id)?.isIgnored === true) {
      throw new BackendError(`Task ${this.id} was sent with ignoreResult, so there will be no result to wait for.`, {
        code: "BACKEND_MISSING",
      });
    }
    let isSettled = false;
    const settle = (settled: Settled): void => {
      if (isSettled) return;
      isSettled = true;
      onSettled(settled);
    };
    const fail = (error: unknown): void => settle({ ok: false, error });
    published?.catch(fail);
    const stopOwn = watch(backend, this.id, (meta) => isReady(meta.status) && settle(settledBy(meta)), fail);
    const stopParents = propagate ? this.#watchParents(fail) : undefined;
    return () => {
      isSettled = true;
      stopOwn();
      stopParents?.();
    };
  }

  /**
   * A step that fails ends the wait for all later ones, also where whoever ran it does not say so for each. Steps run one
   * after the other, so one at a time is watched. Headers of chords are left to their bodies, which are told.
   */
  #watchParents(fail: (error: unknown) => void): Stop {
    const backend = backendOf(this.#source, this.id);
    const waiting = earlierTasks(this.#tuple).filter((id) => this.#source.notes?.get(id)?.isIgnored !== true);
    let stop: Stop = () => undefined;
    const next = (): void => {
      stop();
      const id = waiting.pop();
      if (id === undefined) return;
      const onMeta = (meta: ResultMeta): void => {
        if (!isReady(meta.status)) return;
        const settled = settledBy(meta);
        if (settled.ok) next();
        else fail(settled.error);
      };
      stop = watch(backend, id, onMeta, fail);
    };
    next();
    return () => {
      waiting.length = 0;
      stop();
    };
  }

  async meta(): Promise<ResultMeta | undefined> {
    return backendOf(this.#source, this.id).fetch(this.id);
  }

  async state(): Promise<TaskState> {
    return (await this.meta())?.status ?? "PENDING";
  }

  async ready(): Promise<boolean> {
    return isReady(await this.state());
  }

  async successful(): Promise<boolean> {
    return (await this.state()) === "SUCCESS";
  }

  async failed(): Promise<boolean> {
    return (await this.state()) === "FAILURE";
  }

  async *progress(options: ProgressOptions = {}): AsyncGenerator<Progress, void, undefined> {
    const backend = backendOf(this.#source, this.id);
    yield* arrivals<Progress>(
      (inbox) =>
        watch(
          backend,
          this.id,
          ({ status, result }) => {
            if (status === "PROGRESS") inbox.push(result as Progress); // declared by the task
            if (isReady(status)) inbox.end();
          },
          inbox.fail,
        ),
      options,
      `Task ${this.id}`,
    );
  }

  async children(): Promise<readonly WorkflowHandle<unknown>[]> {
    return ((await this.meta())?.children ?? []).map((child) => this.#source.open(child));
  }

  iterdeps(options: FollowOptions = {}): AsyncGenerator<Dependency, void, undefined> {
    return iterateDependencies(this, options);
  }

  collect(options: GetOptions = {}): AsyncGenerator<readonly [WorkflowHandle<unknown>, unknown], void, undefined> {
    return collectDependencies(this, options);
  }

  graph(options: FollowOptions = {}): Promise<ResultGraph> {
    return graphOf(this, options);
  }

  revoke(options: RevokeOptions = {}): Promise<void> {
    return revokeAll(this.#source.app, taskIdsIn(this.#tuple), options);
  }

  async forget(): Promise<void> {
    const backend = backendOf(this.#source, this.id);
    await Promise.all(taskIdsIn(this.#tuple).map((id) => backend.forget(id)));
  }

  asTuple(): ResultTuple {
    return this.#tuple;
  }
}

function settledBy(meta: ResultMeta): Settled {
  const { status, result, taskId, traceback } = meta;
  if (status === "SUCCESS") return { ok: true, value: result };
  return { ok: false, error: decodeException(result, { taskId, traceback, state: status }) };
}

/** Ids of the steps before, the oldest last. */
function earlierTasks(tuple: ResultTuple): string[] {
  const ids: string[] = [];
  for (let next = tuple[0][1]; next !== null; next = next[0][1]) if (next[1] === null) ids.push(next[0][0]);
  return ids;
}
