import { createDeferred, type Deferred } from "@celeriac/core/lifecycle";

/** Lets so many do their work at a time; the others wait in the order in which they came. */
export class Turns {
  readonly #limit: number;
  readonly #waiting: Deferred<void>[] = [];
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns What `work` returns, once it was its turn. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#limit) this.#taken += 1;
    else {
      const turn = createDeferred<void>();
      this.#waiting.push(turn);
      await turn.promise;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next.resolve(); // the turn is handed on, so that nobody gets in between
    }
  }
}
