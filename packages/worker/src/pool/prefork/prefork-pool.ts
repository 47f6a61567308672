/**
 * Child processes, one task at a time each: for tasks that compute, may block, leak or crash. A hard time limit kills the
 * child; a dead child is replaced and costs only its own task.
 * @module
 */
import { availableParallelism } from "node:os";
import { exponentialBackoff } from "@celeriac/core";
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

/** A pool of child processes. @see Celery user guide, "Workers", concurrency. */
export function prefork(options: PreforkOptions): Pool {
  return new PreforkPool(options);
}

class PreforkPool implements Pool {
  readonly kind = "prefork";
  readonly slots: number;
  readonly #options: PreforkOptions;
  readonly #source: AppSource;
  readonly #children = new Set<Child>();
  readonly #idle: Child[] = [];
  readonly #waiting: ((child: Child | undefined) => void)[] = [];
  #context: PoolContext | undefined;
  #closed = false;

  constructor(options: PreforkOptions) {
    this.#options = options;
    this.#source = toSource(options.app);
    this.slots = options.concurrency ?? availableParallelism();
  }

  /** @throws CeleriacError `CHILD_START_FAILED` when the first children cannot load the app. */
  async start(context: PoolContext): Promise<void> {
    this.#context = context;
    const started = await Promise.allSettled(Array.from({ length: this.slots }, () => this.#fork()));
    const failed = started.find((result) => result.status === "rejected");
    if (failed === undefined) return;
    await this[Symbol.asyncDispose]();
    throw failed.reason;
  }

  async run(attempt: Attempt): Promise<Ending> {
    const child = await this.#take();
    if (child === undefined) return { kind: "lost", reason: "the pool was closed before the task started" };
    const ending = await child.run(attempt);
    this.#giveBack(child);
    return ending;
  }

  async abort(reason: string): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#children].map((child) => child.kill({ kind: "lost", reason })));
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
    this.#closed = true;
    for (const give of this.#waiting.splice(0)) give(undefined);
    await Promise.all([...this.#children].map((child) => child.close()));
  }

  async #take(): Promise<Child | undefined> {
    for (let child = this.#idle.pop(); child !== undefined; child = this.#idle.pop()) {
      if (child.isAlive) return child;
    }
    if (this.#closed) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #giveBack(child: Child): void {
    if (!child.isAlive || this.#closed) return;
    const { maxTasksPerChild, maxMemoryPerChild } = this.#options;
    const worn =
      (maxTasksPerChild !== undefined && child.tasks >= maxTasksPerChild) ||
      (maxMemoryPerChild !== undefined && child.rssKiB > maxMemoryPerChild);
    if (worn)
      void child.close(); // its exit brings the replacement
    else this.#offer(child);
  }

  #offer(child: Child): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(child);
    else next(child);
  }

  async #fork(): Promise<void> {
    const context = this.#context;
    if (context === undefined) return;
    const child = await Child.start({
      source: this.#source,
      hostname: context.hostname,
      log: context.log,
      startTimeoutMs: START_TIMEOUT_MS,
      env: this.#options.env ?? process.env,
    });
    if (this.#closed) {
      await child.close();
      return;
    }
    this.#children.add(child);
    void child.exited.then(() => this.#replace(child));
    this.#offer(child);
  }

  async #replace(gone: Child): Promise<void> {
    this.#children.delete(gone);
    const idle = this.#idle.indexOf(gone);
    if (idle >= 0) this.#idle.splice(idle, 1);
    const backoff = exponentialBackoff({ baseMs: 200, maxMs: 30_000 });
    for (let failures = 0; !this.#closed; ) {
      try {
        await this.#fork();
        return;
      } catch (error) {
        failures += 1;
        this.#context?.log.error({ error: String(error), failures }, "a child could not be replaced; trying again");
        await this.#context?.app.clock.sleep(backoff(failures));
      }
    }
  }
}

function toSource(app: PreforkOptions["app"]): AppSource {
  if (typeof app === "string") return { module: app };
  return app instanceof URL ? { module: app.href } : app;
}
