import type { App, ResultHandle } from "@celeriac/core";
import type { MembersOptions, SettledMember } from "./member-results.js";
import { observeAll, settledMembers, standingOf } from "./member-results.js";
import type { Limits } from "./observe.js";
import { waitFor } from "./observe.js";
import { checkMayWait } from "./result-source.js";
import type { RevokeOptions } from "./revoke.js";
import { revokeAll, taskIdsIn } from "./revoke.js";

/**
 * Results that belong together for whoever collects them here, of tasks and workflows alike. Each is in it once, by id.
 * @see Celery `ResultSet`.
 */
export class ResultSet<Result = unknown> {
  readonly #app: App;
  readonly #results = new Map<string, ResultHandle<Result>>();

  /** @param app - Revokes them. */
  constructor(app: App, results: Iterable<ResultHandle<Result>> = []) {
    this.#app = app;
    this.update(results);
  }

  /** In the order in which they were added. */
  get results(): readonly ResultHandle<Result>[] {
    return [...this.#results.values()];
  }

  get size(): number {
    return this.#results.size;
  }

  /** Adds one, unless it is there. */
  add(result: ResultHandle<Result>): void {
    if (!this.#results.has(result.id)) this.#results.set(result.id, result);
  }

  update(results: Iterable<ResultHandle<Result>>): void {
    for (const result of results) this.add(result);
  }

  /** Takes one out; false when it was not there. */
  remove(result: ResultHandle<unknown> | string): boolean {
    return this.#results.delete(typeof result === "string" ? result : result.id);
  }

  clear(): void {
    this.#results.clear();
  }

  at(index: number): ResultHandle<Result> | undefined {
    return this.results.at(index);
  }

  [Symbol.iterator](): IterableIterator<ResultHandle<Result>> {
    return this.#results.values();
  }

  /**
   * Waits for all results, in the order of adding; rejects as soon as one has failed.
   * @throws TaskError of the first that failed, TimeoutError, BackendError.
   */
  get(options?: MembersOptions & { readonly propagate?: true }): Promise<Result[]>;
  /** With `propagate: false` errors stand in the place of values. */
  get(options: MembersOptions): Promise<unknown[]>;
  async get(options: MembersOptions = {}): Promise<unknown[]> {
    checkMayWait({}, options.allowInTask);
    const { propagate = true } = options;
    const members = this.results;
    const values = await waitFor((onSettled) => observeAll(members, onSettled, propagate), options, this.#name());
    return values as unknown[]; // one per member
  }

  /** Each result as it comes, successful or not. @throws TimeoutError, the signal's reason, BackendError. */
  settled(options: Limits = {}): AsyncGenerator<SettledMember<Result>, void, undefined> {
    const members = settledMembers(this.results, options, this.#name());
    return members as AsyncGenerator<SettledMember<Result>, void, undefined>; // of the handles that were added
  }

  /** Those that have succeeded. */
  async completedCount(): Promise<number> {
    return (await standingOf(this.results)).completed;
  }

  async failedCount(): Promise<number> {
    return (await standingOf(this.results)).failed;
  }

  async ready(): Promise<boolean> {
    return (await standingOf(this.results)).isReady;
  }

  async successful(): Promise<boolean> {
    const { completed, total } = await standingOf(this.results);
    return completed === total;
  }

  async failed(): Promise<boolean> {
    return (await standingOf(this.results)).failed > 0;
  }

  async waiting(): Promise<boolean> {
    return !(await this.ready());
  }

  /** Tells all workers not to run what has not started yet. @throws CeleriacError `CONTROL_UNSUPPORTED`, BrokerError. */
  revoke(options: RevokeOptions = {}): Promise<void> {
    return revokeAll(this.#app, [...new Set(this.results.flatMap((result) => taskIdsIn(result.asTuple())))], options);
  }

  /** Removes the results from the store. @throws BackendError */
  async forget(): Promise<void> {
    await Promise.all(this.results.map((result) => result.forget()));
  }

  #name(): string {
    return `A set of ${this.#results.size} results`;
  }
}
