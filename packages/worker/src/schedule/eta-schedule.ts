import type { Clock } from "@celeriac/core";
import { DueHeap } from "./due-heap.js";

/** Node's timers end here; a later wake-up just looks again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Holds what is not due yet: one heap and one timer, however many tasks wait. Wall time decides, since an ETA is a
 * moment; the timer is only the reason to look.
 */
export class EtaSchedule<T> implements Disposable {
  readonly #heap = new DueHeap<T>();
  readonly #clock: Clock;
  readonly #onDue: (values: readonly T[]) => void;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

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

  list(): readonly { readonly dueMs: number; readonly value: T }[] {
    return this.#heap.list();
  }

  /** Takes everything out. */
  drain(): readonly T[] {
    clearTimeout(this.#timer);
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    return this.#heap.drain();
  }

  [Symbol.dispose](): void {
    this.drain();
  }

  #arm(): void {
    const next = this.#heap.nextMs;
    if (next === undefined || next >= this.#timerDueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = next;
    this.#timer = setTimeout(() => this.#wake(), Math.min(LONGEST_TIMER_MS, Math.max(0, next - this.#clock.now())));
  }

  #wake(): void {
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    const due: T[] = [];
    const nowMs = this.#clock.now();
    for (let value = this.#heap.popDue(nowMs); value !== undefined; value = this.#heap.popDue(nowMs)) due.push(value);
    this.#arm();
    if (due.length > 0) this.#onDue(due);
  }
}
