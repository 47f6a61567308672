interface Entry<T> {
  readonly dueMs: number;
  /** Of arrival, for those that are due at the same time. */
  readonly order: number;
  readonly value: T;
}

/** A binary min-heap by due time: holding a task costs O(log n), looking at the next one nothing. */
export class DueHeap<T> {
  #entries: Entry<T>[] = [];
  #order = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** Due time of the next value, `undefined` when empty. */
  get nextMs(): number | undefined {
    return this.#entries[0]?.dueMs;
  }

  push(dueMs: number, value: T): void {
    this.#entries.push({ dueMs, order: this.#order++, value });
    this.#rise(this.#entries.length - 1);
  }

  /** Removes and returns the next value if it is due. Equal times leave in the order they came. */
  popDue(nowMs: number): T | undefined {
    const first = this.#entries[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const last = this.#entries.pop();
    if (last !== undefined && this.#entries.length > 0) {
      this.#entries[0] = last;
      this.#sink(0);
    }
    return first.value;
  }

  /** Takes out what the test holds for, soonest first. */
  extract(test: (value: T) => boolean): readonly T[] {
    const listed = this.list();
    const out = listed.filter(({ value }) => test(value));
    if (out.length === 0) return [];
    const taken = new Set(out);
    // What is in order is a heap.
    this.#entries = listed.filter((entry) => !taken.has(entry));
    return out.map(({ value }) => value);
  }

  /** Everything, soonest first; the heap is empty afterwards. */
  drain(): T[] {
    const values = this.list().map((entry) => entry.value);
    this.#entries.length = 0;
    return values;
  }

  /** A look at everything, soonest first. */
  list(): Entry<T>[] {
    return [...this.#entries].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#entries[a], this.#entries[b]];
    if (left === undefined || right === undefined) return false;
    return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#entries[a], this.#entries[b]];
    if (left === undefined || right === undefined) return;
    this.#entries[a] = right;
    this.#entries[b] = left;
  }

  #rise(start: number): void {
    for (let index = start; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(start: number): void {
    for (let index = start; ; ) {
      const left = 2 * index + 1;
      const child = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(child, index)) return;
      this.#swap(child, index);
      index = child;
    }
  }
}
