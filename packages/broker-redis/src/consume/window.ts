/** How many more messages may be taken: kombu's client-side prefetch. PROTOCOL 5.5. */
export class Window {
  #prefetch: number;
  #unsettled = 0;
  #requested = 0;
  /** Claimed, but not yet handed to whoever iterates. */
  #waiting = 0;

  /** However large the prefetch count is, claims stay only this far ahead of the reader. */
  static readonly AHEAD = 500;

  /** @param prefetch - `Infinity` is no limit, 0 takes nothing. */
  constructor(prefetch: number) {
    this.#prefetch = prefetch;
  }

  set prefetch(count: number) {
    this.#prefetch = count;
  }

  /** Free places, those of claims under way taken off. Negative after the window was made smaller. */
  get room(): number {
    const ahead = Window.AHEAD - this.#waiting - this.#requested;
    return Math.min(ahead, this.#prefetch - this.#unsettled - this.#requested);
  }

  request(count: number): void {
    this.#requested += count;
  }

  /** A claim for `asked` came back with `got`; they count against the window unless they are settled on arrival. */
  arrive(asked: number, got: number): void {
    this.#requested -= asked;
    this.#waiting += got;
    this.#unsettled += got;
  }

  handOver(count: number): void {
    this.#waiting -= count;
  }

  settle(count: number): void {
    this.#unsettled -= count;
  }
}
