/**
 * Child processes, one task at a time each: for tasks that compute, may block, leak or crash. A hard time limit kills the
 * child; a dead child is replaced and costs only its own task.
 * @module
 */
import { availableParallelism } from "node:os";
import { ConfigError, exponentialBackoff } from "@celeriac/core";
import type { Attempt, Ending, Pool, PoolContext } from "../pool.js";
import { Child } from "./child.js";
import type { AppSource } from "./ipc.js";

export interface PreforkOptions {
  /** The module that exports the app: each child imports it. A file URL or an absolute path. */
  readonly app: AppSource | URL | string;
  /** Children. Default: one per core. */
  readonly concurrency?: number;
  /** A child is replaced after so many tasks. Default: never. */
  readonly maxTasksPerChild?: number;
  /** A child is replaced when it holds more KiB after a task. Default: never. */
  readonly maxMemoryPerChild?: number;
  /** Environment of the children. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

const START_TIMEOUT_MS = 60_000;

/** A pool of child processes. @see Celery user guide, "Workers", concurrency. @throws ConfigError for no slots. */
export function prefork(options: PreforkOptions): Pool {
  const { concurrency = 1 } = options;
  if (Number.isInteger(concurrency) && concurrency > 0) return new PreforkPool(options);
  throw new ConfigError([
    { key: "concurrency", message: `must be a whole number from 1, not ${String(concurrency)}.` },
  ]);
}

class PreforkPool implements Pool {
  readonly kind = "prefork";
  readonly slots: number;
  readonly #options: PreforkOptions;
  readonly #source: AppSource;
  readonly #children = new Set<Child>();
  readonly #idle: Child[] = [];
  readonly #waiting: ((child: Child | undefined) => void)[] = [];
  readonly #closing = new AbortController();
  /** Children in a row that ended without having run a task. */
  #useless = 0;

  constructor(options: PreforkOptions) {
    this.#options = options;
    this.#source = toSource(options.app);
    this.slots = options.concurrency ?? availableParallelism();
  }

  /** @throws CeleriacError `CHILD_START_FAILED` when the first children cannot load the app. */
  async start(context: PoolContext): Promise<void> {
    const started = await Promise.allSettled(Array.from({ length: this.slots }, () => this.#fork(context)));
    const failed = started.find((result) => result.status === "rejected");
    if (failed === undefined || this.#isClosed) return;
    await this[Symbol.asyncDispose]();
    throw failed.reason;
  }

  async run(attempt: Attempt): Promise<Ending> {
    let child = await this.#take();
    if (child === undefined) return { kind: "unstarted" };
    if (!(await attempt.begin(child.pid))) {
      this.#giveBack(child);
      return { kind: "unstarted" };
    }
    // The message may be acknowledged by now: a child that died meanwhile must not cost the task.
    while (child !== undefined && !child.isAlive) child = await this.#take();
    if (child === undefined) return { kind: "aborted", reason: "the pool was closed" };
    const ending = await child.run(attempt);
    this.#giveBack(child);
    return ending;
  }

  async abort(reason: string): Promise<void> {
    this.#close();
    await Promise.all([...this.#children].map((child) => child.kill({ kind: "aborted", reason })));
  }

  terminate(taskId: string): boolean {
    for (const child of this.#children) {
      if (child.taskId !== taskId) continue;
      void child.kill({ kind: "terminated" }); // its exit brings the replacement
      return true;
    }
    return false;
  }

  info(): Readonly<Record<string, unknown>> {
    const { maxTasksPerChild, maxMemoryPerChild } = this.#options;
    return {
      implementation: "celeriac:prefork",
      "max-concurrency": this.slots,
      processes: [...this.#children].map((child) => child.pid),
      "max-tasks-per-child": maxTasksPerChild ?? "N/A",
      "put-guarded-by-semaphore": true,
      timeouts: [0, 0],
      "max-memory-per-child": maxMemoryPerChild ?? "N/A",
    };
  }

  pidOf(taskId: string): number | null {
    for (const child of this.#children) if (child.taskId === taskId) return child.pid;
    return null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await Promise.all([...this.#children].map((child) => child.close()));
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #close(): void {
    this.#closing.abort();
    for (const give of this.#waiting.splice(0)) give(undefined);
  }

  async #take(): Promise<Child | undefined> {
    for (let child = this.#idle.pop(); child !== undefined; child = this.#idle.pop()) {
      if (child.isAlive) return child;
    }
    if (this.#isClosed) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #giveBack(child: Child): void {
    if (!child.isAlive || this.#isClosed) return;
    const { maxTasksPerChild, maxMemoryPerChild } = this.#options;
    const isWorn =
      (maxTasksPerChild !== undefined && child.tasks >= maxTasksPerChild) ||
      (maxMemoryPerChild !== undefined && child.rssKiB > maxMemoryPerChild);
    if (isWorn)
      void child.close(); // its exit brings the replacement
    else this.#offer(child);
  }

  #offer(child: Child): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(child);
    else next(child);
  }

  async #fork(context: PoolContext): Promise<void> {
    const child = new Child({
      source: this.#source,
      hostname: context.hostname,
      log: context.log,
      startTimeoutMs: START_TIMEOUT_MS,
      env: this.#options.env ?? process.env,
    });
    this.#children.add(child);
    void child.exited.then(() => this.#children.delete(child));
    await child.ready;
    if (this.#isClosed) return; // whoever closes the pool closes its children
    void child.exited.then(() => this.#replace(child, context));
    this.#offer(child);
  }

  /** One that keeps dying idle is replaced more and more slowly: its module ends the process by itself. */
  async #replace(gone: Child, context: PoolContext): Promise<void> {
    const index = this.#idle.indexOf(gone);
    if (index >= 0) this.#idle.splice(index, 1);
    this.#useless = gone.tasks === 0 ? this.#useless + 1 : 0;
    const backoff = exponentialBackoff({ baseMs: 200, maxMs: 30_000 });
    let failures = Math.max(0, this.#useless - this.slots);
    while (!this.#isClosed) {
      if (failures > 0) await context.app.clock.sleep(backoff(failures), this.#closing.signal);
      if (this.#isClosed) return;
      try {
        await this.#fork(context);
        return;
      } catch (error) {
        if (this.#isClosed) return;
        failures += 1;
        context.log.error({ error: String(error), failures }, "a child could not be replaced; trying again");
      }
    }
  }
}

function toSource(app: PreforkOptions["app"]): AppSource {
  if (typeof app === "string") return { module: app };
  return app instanceof URL ? { module: app.href } : app;
}
