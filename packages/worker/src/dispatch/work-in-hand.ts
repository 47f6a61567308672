import type { Deferred } from "@celeriac/core";
import { createDeferred } from "@celeriac/core";

/** Work that goes on in the background, and whoever waits for it to come to an end. */
export class WorkInHand {
  #pending = 0;
  #moved: Deferred<void> | undefined;

  /** Pieces that are not done. */
  get size(): number {
    return this.#pending;
  }

  /** Counts a piece of work until it is done. */
  track(work: Promise<void>): void {
    this.#pending += 1;
    work.then(this.#onDone, this.#onDone);
  }

  /** Something that a wait may depend on has changed. */
  noteMove(): void {
    this.#moved?.resolve();
  }

  /** Looks at every move, and resolves once the test holds. */
  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      this.#moved = createDeferred<void>();
      await this.#moved.promise;
    }
  }

  readonly #onDone = (): void => {
    this.#pending -= 1;
    this.noteMove();
  };
}
