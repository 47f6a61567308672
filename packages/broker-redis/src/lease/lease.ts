/**
 * Keeps claims ours for as long as we hold them.
 *
 * Invariants: (1) a held tag is renewed at least every third of the visibility timeout, even while the event loop is
 * blocked. (2) A released tag is never brought back: renewal touches only what the server still has. (3) Nothing here
 * keeps the process alive.
 * @module
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { RedisConnection, RedisTarget } from "@celeriac/redis-connection";
import type { LeaseMessage, LeaseThreadData } from "./lease-messages.js";
import { renewLeases } from "./renew-leases.js";

export interface LeaseOptions {
  /** Absent when the way to connect cannot be handed to a thread: then the event loop renews, blocked or not. */
  readonly target: RedisTarget | undefined;
  readonly connection: RedisConnection;
  readonly indexKey: string;
  readonly prefix: string;
  readonly visibilityMs: number;
  readonly onWarning: (message: string) => void;
}

/** A claim that is settled sooner than this never costs a thread... */
const THREAD_DELAY_MS = 1000;
/** ...unless the timeout is so short that a single blocked task could outlast it. */
const IMMEDIATE_BELOW_MS = 600_000;
const RELEASE_INTERVAL_MS = 1000;

export class Lease implements AsyncDisposable {
  readonly #options: LeaseOptions;
  readonly #held = new Set<number>();
  #released: number[] = [];
  #keeper: Worker | NodeJS.Timeout | undefined;
  #startTimer: NodeJS.Timeout | undefined;
  #releaseTimer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Renews from now on. Called before anybody sees the messages. */
  hold(first: number, count: number): void {
    if (this.#disposed || count === 0) return;
    for (let i = 0; i < count; i += 1) this.#held.add(first + i);
    if (this.#keeper !== undefined) this.#post({ kind: "hold", first, count });
    else if (this.#options.visibilityMs < IMMEDIATE_BELOW_MS) this.#start();
    else this.#startTimer ??= setTimeout(() => this.#startIfNeeded(), THREAD_DELAY_MS).unref();
  }

  /** Stops renewing, within a second or so. */
  release(number: number): void {
    if (!this.#held.delete(number) || !(this.#keeper instanceof Worker)) return;
    this.#released.push(number);
    this.#releaseTimer ??= setTimeout(() => this.#postReleased(), RELEASE_INTERVAL_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#startTimer);
    clearTimeout(this.#releaseTimer);
    const keeper = this.#keeper;
    this.#keeper = undefined;
    if (keeper instanceof Worker) await keeper.terminate();
    else clearInterval(keeper);
  }

  #startIfNeeded(): void {
    this.#startTimer = undefined;
    if (this.#held.size > 0 && this.#keeper === undefined && !this.#disposed) this.#start();
  }

  #start(): void {
    const { target, indexKey, prefix, visibilityMs } = this.#options;
    if (target === undefined) {
      this.#startTimerKeeper("this client cannot be opened again from a thread");
      return;
    }
    const data: LeaseThreadData = { target, indexKey, prefix, visibilityMs, held: [...this.#held] };
    try {
      // By package name: the thread needs compiled code even when this file runs from its source.
      const entry = createRequire(import.meta.url).resolve("@celeriac/broker-redis/lease-thread");
      const worker = new Worker(entry, { workerData: data, execArgv: [] });
      this.#keeper = worker;
      worker.unref();
      worker.on("error", (error) => this.#startTimerKeeper(`the lease thread ended: ${error.message}`));
    } catch (error) {
      this.#startTimerKeeper(`the lease thread cannot start: ${String(error)}`);
    }
  }

  #startTimerKeeper(reason: string): void {
    if (this.#disposed) return;
    this.#options.onWarning(
      `Leases are renewed from the event loop, because ${reason}. A task that blocks the loop longer than the visibility timeout may run twice.`,
    );
    const { connection, visibilityMs } = this.#options;
    const renew = (): void => {
      renewLeases(connection, { ...this.#options, timeoutMs: visibilityMs / 3 }, this.#held).catch(() => undefined);
    };
    renew();
    this.#keeper = setInterval(renew, visibilityMs / 3).unref();
  }

  #postReleased(): void {
    this.#releaseTimer = undefined;
    const numbers = Float64Array.from(this.#released);
    this.#released = [];
    this.#post({ kind: "release", numbers });
  }

  #post(message: LeaseMessage): void {
    if (this.#keeper instanceof Worker) this.#keeper.postMessage(message);
  }
}
