/**
 * What the lease thread and the main thread know of each other at any moment, even while one of them does not get its turn:
 * three integers in shared memory. It answers whether a claim can still be ours.
 *
 * Invariants: (1) a claim is doubted when nothing has been heard of its lease for a whole visibility timeout: anybody may have
 * restored it. (2) A renewal that comes too late does not make the claims before it good again: the gap is noted before
 * the renewal is. Milliseconds are those of the monotonic clock, which all threads share.
 * @module
 */

const HIGHEST = 0;
const RENEWED_MS = 1;
const DOUBTED_UP_TO = 2;

export class LeaseBoard {
  readonly memory: SharedArrayBuffer;
  readonly #visibilityMs: number;
  readonly #cells: BigInt64Array;

  constructor(
    visibilityMs: number,
    memory: SharedArrayBuffer = new SharedArrayBuffer(3 * BigInt64Array.BYTES_PER_ELEMENT),
  ) {
    this.memory = memory;
    this.#visibilityMs = visibilityMs;
    this.#cells = new BigInt64Array(memory);
  }

  /** The highest tag number in use. */
  get highest(): number {
    return Number(Atomics.load(this.#cells, HIGHEST));
  }

  set highest(number: number) {
    Atomics.store(this.#cells, HIGHEST, BigInt(number));
  }

  /** The oldest claim that renewals begin with was asked for then: one that never succeeds must not go unnoticed. */
  begin(claimedMs: number): void {
    Atomics.store(this.#cells, RENEWED_MS, BigInt(Math.floor(claimedMs)));
  }

  /**
   * Everything that was held up to this number has been renewed.
   * @param sentMs - Before the server was asked.
   * @param doneMs - After it had answered.
   */
  renewed(upTo: number, sentMs: number, doneMs: number): void {
    const beforeMs = Number(Atomics.load(this.#cells, RENEWED_MS));
    if (doneMs - beforeMs >= this.#visibilityMs) {
      Atomics.store(this.#cells, DOUBTED_UP_TO, BigInt(upTo));
    }
    Atomics.store(this.#cells, RENEWED_MS, BigInt(Math.floor(sentMs)));
  }

  /** Whether somebody else may have the message of a claim that was asked for at `claimedMs`. */
  isDoubtful(number: number, claimedMs: number, nowMs: number): boolean {
    if (number <= Number(Atomics.load(this.#cells, DOUBTED_UP_TO))) return true;
    return nowMs - Math.max(claimedMs, Number(Atomics.load(this.#cells, RENEWED_MS))) >= this.#visibilityMs;
  }
}

/** Milliseconds of the clock that all threads of a process share; `performance.now()` starts anew in each. */
export function sharedNowMs(): number {
  return OFFSET_MS + performance.now();
}

const OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();
