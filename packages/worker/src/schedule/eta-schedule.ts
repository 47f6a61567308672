import type { Clock } from "@celeriac/core";
import { DueHeap } from "./due-heap.js";

/** A wall clock may be set while we sleep; so late at most is it noticed. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * Holds what is not due yet: one heap and one sleep, however many tasks wait. Wall time decides, since an ETA is a moment;
 * the sleep is only the reason to look.
 */
export class EtaSchedule<T> implements Disposable {
  readonly #heap = new DueHeap<T>();
  readonly #clock: Clock;
  readonly #onDue: (values: readonly T[]) => void;
  #sleep: AbortController | undefined;
  #wakeMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, onDue: (values: readonly T[]) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#heap.size;
  }

  hold(dueMs: number, value: T): void {
    this.#heap.push(dueMs, value);
    this.#arm();
  }

  /** A look at everything, soonest first. */
  list(): readonly { readonly dueMs: number; readonly value: T }[] {
    return this.#heap.list();
  }

  /** Takes out what the test holds for, soonest first. Waking up without a reason is harmless. */
  extract(test: (value: T) => boolean): readonly T[] {
    return this.#heap.extract(test);
  }

  /** Takes everything out, soonest first. */
  drain(): readonly T[] {
    this.#disarm();
    return this.#heap.drain();
  }

  [Symbol.dispose](): void {
    this.drain();
  }

  #disarm(): void {
    this.#sleep?.abort();
    this.#sleep = undefined;
    this.#wakeMs = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const next = this.#heap.nextMs;
    if (next === undefined || next >= this.#wakeMs) return;
    this.#disarm();
    this.#wakeMs = next;
    const sleep = new AbortController();
    this.#sleep = sleep;
    const pauseMs = Math.min(LONGEST_SLEEP_MS, Math.max(0, next - this.#clock.now()));
    void this.#clock.sleep(pauseMs, sleep.signal).then(() => {
      if (!sleep.signal.aborted) this.#wake();
    });
  }

  #wake(): void {
    this.#disarm();
    const due: T[] = [];
    const nowMs = this.#clock.now();
    for (let value = this.#heap.popDue(nowMs); value !== undefined; value = this.#heap.popDue(nowMs)) due.push(value);
    this.#arm();
    if (due.length > 0) this.#onDue(due);
  }
}
