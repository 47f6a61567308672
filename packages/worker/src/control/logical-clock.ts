/**
 * Celery's Lamport clock: every control message advances it, and what others say moves it ahead of them.
 * @see PROTOCOL section 12.
 */
export class LogicalClock {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  /** Before a message of ours. Returns the new value. */
  forward(): number {
    this.#value += 1;
    return this.#value;
  }

  /** A message with this clock has arrived. */
  adjust(other: number): void {
    this.#value = Math.max(this.#value, other) + 1;
  }
}
