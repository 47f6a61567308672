import type { ProgressOptions, ResultMeta, ResultTuple, TaskState } from "@celeriac/core";
import { collectDependencies, graphOf, iterateDependencies } from "./dependencies.js";
import type { MembersOptions, SettledMember } from "./member-results.js";
import { observeAll, progressOfMembers, settledMembers, standingOf } from "./member-results.js";
import type { Limits, Observable, Settled, Stop } from "./observe.js";
import { waitFor } from "./observe.js";
import type { ResultGraph } from "./result-graph.js";
import type { ResultSource } from "./result-source.js";
import { backendOf, checkMayWait } from "./result-source.js";
import type { RevokeOptions } from "./revoke.js";
import { revokeAll, taskIdsIn } from "./revoke.js";
import type { Dependency, FollowOptions, WorkflowHandle } from "./workflow-handle.js";

/** A handle for each of a group's results. */
export type HandlesOf<Results> = Results extends readonly unknown[]
  ? { readonly [I in keyof Results]: WorkflowHandle<Results[I]> }
  : readonly WorkflowHandle<unknown>[];

/** What one of a group's results is. */
export type MemberOf<Results> = Results extends readonly (infer Member)[] ? Member : unknown;

/**
 * The claim tickets of a group: of its members, in their order; groups within are groups here too. Nothing is stored under
 * its own id unless it is saved. @see Celery `GroupResult`.
 */
export interface GroupResult<Results> extends WorkflowHandle<Results> {
  readonly results: HandlesOf<Results>;
  readonly length: number;
  /** One member's; counts from the end when negative. */
  at(index: number): WorkflowHandle<MemberOf<Results>> | undefined;
  /**
   * Waits for all results; rejects as soon as one member has failed.
   * @throws TaskError of the first member that failed, TimeoutError, BackendError.
   */
  get(options?: MembersOptions & { readonly propagate?: true }): Promise<Results>;
  /** With `propagate: false` errors stand in the place of values. */
  get(options: MembersOptions): Promise<unknown[]>;
  /** Each member as it finishes, successful or not. @throws TimeoutError, the signal's reason, BackendError. */
  settled(options?: Limits): AsyncGenerator<SettledMember<MemberOf<Results>>, void, undefined>;
  /** Members that have succeeded. */
  completedCount(): Promise<number>;
  /** Members that have failed; revoked ones are not counted. */
  failedCount(): Promise<number>;
  /** Whether all members have finished, successful or not. */
  ready(): Promise<boolean>;
  /** Whether all members have succeeded. */
  successful(): Promise<boolean>;
  /** Whether any member has failed. */
  failed(): Promise<boolean>;
  /** Whether any member has not finished. */
  waiting(): Promise<boolean>;
  /** Always undefined: a group has no record of its own. */
  meta(): Promise<ResultMeta | undefined>;
  /** Of all members together: FAILURE or REVOKED when any is, SUCCESS when all are, else STARTED or PENDING. */
  state(): Promise<TaskState>;
  /** Stores which results it has, for `restoreGroup`. @throws BackendError */
  save(): Promise<void>;
  /** Removes what `save` has stored. @throws BackendError */
  delete(): Promise<void>;
}

/** A class for its getters, as `TaskResult`. */
export class MemberResults<Results> implements GroupResult<Results>, Observable {
  readonly id: string;
  readonly taskName: undefined = undefined;
  readonly results: HandlesOf<Results>;
  readonly #members: readonly WorkflowHandle<unknown>[];
  readonly #source: ResultSource;
  readonly #tuple: ResultTuple;
  #parent: WorkflowHandle<unknown> | undefined;

  constructor(source: ResultSource, tuple: ResultTuple) {
    this.id = tuple[0][0];
    this.#source = source;
    this.#tuple = tuple;
    this.#members = (tuple[1] ?? []).map((child) => source.open(child));
    this.results = this.#members as HandlesOf<Results>; // one for each result, as it was planned
  }

  get parent(): WorkflowHandle<unknown> | undefined {
    const tuple = this.#tuple[0][1];
    if (tuple !== null) this.#parent ??= this.#source.open(tuple);
    return this.#parent;
  }

  get length(): number {
    return this.#members.length;
  }

  at(index: number): WorkflowHandle<MemberOf<Results>> | undefined {
    return this.#members.at(index) as WorkflowHandle<MemberOf<Results>> | undefined; // as `results`
  }

  async get(options: MembersOptions = {}): Promise<Results & unknown[]> {
    checkMayWait(this.#source, options.allowInTask);
    const { propagate = true } = options;
    const values = await waitFor((onSettled) => this["~observe"](onSettled, propagate), options, this.#name());
    return values as Results & unknown[]; // the declared types; the wire cannot prove them
  }

  "~observe"(onSettled: (settled: Settled) => void, propagate: boolean): Stop {
    let isSettled = false;
    const settle = (settled: Settled): void => {
      if (isSettled) return;
      isSettled = true;
      onSettled(settled);
    };
    // The send is of all members: its failure is no member's, whether or not theirs propagate.
    this.#source.published?.catch((error: unknown) => settle({ ok: false, error }));
    const stopMembers = observeAll(this.#members, settle, propagate);
    return () => {
      isSettled = true;
      stopMembers();
    };
  }

  settled(options: Limits = {}): AsyncGenerator<SettledMember<MemberOf<Results>>, void, undefined> {
    const members = settledMembers(this.#members, options, this.#name());
    return members as AsyncGenerator<SettledMember<MemberOf<Results>>, void, undefined>; // as `results`
  }

  async completedCount(): Promise<number> {
    return (await standingOf(this.#members)).completed;
  }

  async failedCount(): Promise<number> {
    return (await standingOf(this.#members)).failed;
  }

  async ready(): Promise<boolean> {
    return (await standingOf(this.#members)).isReady;
  }

  async successful(): Promise<boolean> {
    const { completed, total } = await standingOf(this.#members);
    return completed === total;
  }

  async failed(): Promise<boolean> {
    return (await standingOf(this.#members)).failed > 0;
  }

  async waiting(): Promise<boolean> {
    return !(await this.ready());
  }

  async meta(): Promise<undefined> {
    return undefined;
  }

  async state(): Promise<TaskState> {
    return (await standingOf(this.#members)).state;
  }

  progress(options: ProgressOptions = {}): AsyncGenerator<unknown, void, undefined> {
    return progressOfMembers(this.#members, options, this.#name());
  }

  async save(): Promise<void> {
    await backendOf(this.#source, this.#name()).groups.save(this.id, this.#tuple);
  }

  async delete(): Promise<void> {
    await backendOf(this.#source, this.#name()).groups.delete(this.id);
  }

  async children(): Promise<readonly WorkflowHandle<unknown>[]> {
    return this.#members;
  }

  iterdeps(options: FollowOptions = {}): AsyncGenerator<Dependency, void, undefined> {
    return iterateDependencies(this, options);
  }

  collect(options: MembersOptions = {}): AsyncGenerator<readonly [WorkflowHandle<unknown>, unknown], void, undefined> {
    return collectDependencies(this, options);
  }

  graph(options: FollowOptions = {}): Promise<ResultGraph> {
    return graphOf(this, options);
  }

  revoke(options: RevokeOptions = {}): Promise<void> {
    return revokeAll(this.#source.app, taskIdsIn(this.#tuple), options);
  }

  async forget(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.forget()));
  }

  asTuple(): ResultTuple {
    return this.#tuple;
  }

  #name(): string {
    return `Group ${this.id}`;
  }
}
