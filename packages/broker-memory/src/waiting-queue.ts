/** Kombu's default `priority_steps` on Redis: a priority counts as the largest step not above it. PROTOCOL 5.2. */
const PRIORITY_STEPS = [0, 3, 6, 9] as const;

/** A message where it waits: still in its envelope, as on every other transport. */
export interface StoredMessage {
  readonly raw: string | Uint8Array;
  /** Index of the priority step; 0 is served first. */
  readonly step: number;
  readonly redelivered: boolean;
}

/** The step of a message's priority; anything but a number counts as 0, most urgent. */
export function stepOf(priority: unknown): number {
  if (typeof priority !== "number") return 0;
  return Math.max(
    0,
    PRIORITY_STEPS.findLastIndex((step) => step <= priority),
  );
}

/** The waiting messages of one queue: first in first out within each priority step. */
export class WaitingQueue {
  readonly #lines: readonly Line[] = PRIORITY_STEPS.map(() => new Line());
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Step of the message that is served next; `Infinity` when nothing waits. */
  get nextStep(): number {
    if (this.#length === 0) return Number.POSITIVE_INFINITY;
    return this.#lines.findIndex((line) => line.length > 0);
  }

  /** Behind the messages of its step. */
  push(message: StoredMessage): void {
    this.#lines[message.step]?.push(message);
    this.#length += 1;
  }

  /** In front of the messages of its step. */
  pushFront(message: StoredMessage): void {
    this.#lines[message.step]?.pushFront(message);
    this.#length += 1;
  }

  shift(): StoredMessage | undefined {
    const message = this.#lines[this.nextStep]?.shift();
    if (message !== undefined) this.#length -= 1;
    return message;
  }

  /** Drops everything; says how much that was. */
  clear(): number {
    const count = this.#length;
    for (const line of this.#lines) line.clear();
    this.#length = 0;
    return count;
  }
}

/** How many taken slots may lie in front before the array is cut; keeps `shift` cheap on long lines. */
const SLACK = 1024;

class Line {
  #slots: (StoredMessage | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#slots.length - this.#head;
  }

  push(message: StoredMessage): void {
    this.#slots.push(message);
  }

  pushFront(message: StoredMessage): void {
    if (this.#head === 0) {
      this.#slots.unshift(message);
      return;
    }
    this.#head -= 1;
    this.#slots[this.#head] = message;
  }

  shift(): StoredMessage | undefined {
    const message = this.#slots[this.#head];
    if (message === undefined) return undefined;
    this.#slots[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > SLACK && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }

  clear(): void {
    this.#slots = [];
    this.#head = 0;
  }
}
