/** How many more messages may be taken: kombu's client-side prefetch. PROTOCOL 5.5. */
export class Window {
  #prefetch: number;
  #unsettled = 0;
  #requested = 0;
  /** Claimed, but not yet handed to whoever iterates. */
  #waiting = 0;

  /** Without a prefetch limit, claims stay this far ahead of the reader. */
  static readonly AHEAD = 500;

  constructor(prefetch: number) {
    this.#prefetch = prefetch;
  }

  set prefetch(count: number) {
    this.#prefetch = count;
  }

  /** Free places, those of claims under way taken off. Negative after the window was made smaller. */
  get room(): number {
    const ahead = Window.AHEAD - this.#waiting - this.#requested;
    return this.#prefetch === 0 ? ahead : Math.min(ahead, this.#prefetch - this.#unsettled - this.#requested);
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
