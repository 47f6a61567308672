/**
 * Keeps claims ours for as long as we hold them.
 *
 * Invariants: (1) a tag that is held, or that a claim under way may have taken, is renewed at least every third of the
 * visibility timeout, even while the event loop is blocked: the thread reads the highest number in use from shared
 * memory, so nothing needs to be posted first. (2) A released tag is never brought back: renewal touches only what the
 * server still has. (3) Nothing here keeps the process alive.
 * @module
 */
import { Worker } from "node:worker_threads";
import type { RedisConnection, RedisTarget } from "@celeriac/redis-connection";
import { LeaseBoard, sharedNowMs } from "./lease-board.js";
import type { HeldSnapshot, LeaseThreadData } from "./lease-messages.js";
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

/** Compiled code, even when this file runs from its source: the same from `src/lease` and from `dist/lease`. */
const THREAD = new URL("../../dist/lease/lease-thread.js", import.meta.url);
/** A claim that is settled sooner than this never costs a thread... */
const THREAD_DELAY_MS = 1000;
/** ...unless the timeout is so short that a single blocked task could outlast it. */
const IMMEDIATE_BELOW_MS = 600_000;
/** How often the thread is told what is no longer held. Until then it renews in vain, which is harmless. */
const SNAPSHOT_INTERVAL_MS = 1000;

export class Lease implements AsyncDisposable {
  readonly #options: LeaseOptions;
  readonly #held = new Set<number>();
  /** Claims under way: first number, how many, and when they were asked for. */
  readonly #expected = new Map<number, { readonly count: number; readonly askedMs: number }>();
  readonly #board: LeaseBoard;
  #thread: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #startTimer: NodeJS.Timeout | undefined;
  #changed = false;
  #disposed = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#board = new LeaseBoard(options.visibilityMs);
  }

  /** A claim that may take these numbers is about to be sent. */
  expect(first: number, count: number): void {
    this.#expected.set(first, { count, askedMs: sharedNowMs() });
    this.#board.highest = first + count - 1;
  }

  /** The claim took the first `count` of its numbers. Called before anybody sees the messages. */
  hold(first: number, count: number): void {
    const askedMs = this.#expected.get(first)?.askedMs ?? 0;
    this.#expected.delete(first);
    this.#changed = true;
    if (this.#disposed || count === 0) return;
    for (let i = 0; i < count; i += 1) this.#held.add(first + i);
    if (this.#timer !== undefined) return;
    if (this.#startTimer === undefined) this.#board.begin(askedMs);
    if (this.#options.visibilityMs < IMMEDIATE_BELOW_MS) this.#start();
    else this.#startTimer ??= setTimeout(() => this.#startIfNeeded(), THREAD_DELAY_MS).unref();
  }

  /** Whether a claim may have ended without us, because it was not renewed in time. @param claimedMs - Of `sharedNowMs`. */
  isDoubtful(number: number, claimedMs: number): boolean {
    return this.#board.isDoubtful(number, claimedMs, sharedNowMs());
  }

  /** Numbers of the claims that nobody has settled. */
  get unsettled(): readonly number[] {
    return [...this.#held];
  }

  /** Stops renewing, within a second or so. */
  release(number: number): void {
    if (this.#held.delete(number)) this.#changed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#startTimer);
    clearInterval(this.#timer);
    await this.#thread?.terminate();
  }

  #startIfNeeded(): void {
    this.#startTimer = undefined;
    if (this.#held.size > 0 && this.#timer === undefined && !this.#disposed) this.#start();
  }

  #start(): void {
    const { target, indexKey, prefix, visibilityMs } = this.#options;
    if (target === undefined) {
      this.#renewFromLoop("this client cannot be opened again from a thread");
      return;
    }
    const data: LeaseThreadData = {
      ...{ target, indexKey, prefix, visibilityMs },
      board: this.#board.memory,
      held: this.#snapshot(),
    };
    try {
      const thread = new Worker(THREAD, { workerData: data, execArgv: [] });
      thread.unref();
      thread.on("error", (error) => this.#renewFromLoop(`the lease thread ended: ${error.message}`));
      this.#thread = thread;
      this.#timer = setInterval(() => this.#postSnapshot(thread), SNAPSHOT_INTERVAL_MS).unref();
    } catch (error) {
      this.#renewFromLoop(`the lease thread cannot start: ${String(error)}`);
    }
  }

  #renewFromLoop(reason: string): void {
    if (this.#disposed) return;
    clearInterval(this.#timer);
    this.#options.onWarning(
      `Leases are renewed from the event loop, because ${reason}. A task that blocks the loop longer than the visibility timeout may run twice.`,
    );
    const { connection, visibilityMs } = this.#options;
    const renew = (): void => {
      const renewal = { ...this.#options, board: this.#board, timeoutMs: visibilityMs / 3 };
      renewLeases(connection, renewal, this.#held).catch(() => undefined);
    };
    renew();
    this.#timer = setInterval(renew, visibilityMs / 3).unref();
  }

  #snapshot(): HeldSnapshot {
    const numbers = [...this.#held];
    for (const [first, { count }] of this.#expected) for (let i = 0; i < count; i += 1) numbers.push(first + i);
    this.#changed = false;
    return { upTo: this.#board.highest, numbers: Float64Array.from(numbers) };
  }

  #postSnapshot(thread: Worker): void {
    if (this.#changed) thread.postMessage(this.#snapshot());
  }
}
