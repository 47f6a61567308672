/** Callers who wait until a connection is ready, each for its own time. */

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
  readonly doing: string;
}

export class ReadyWaiters {
  readonly #waiters = new Set<Waiter>();

  /**
   * Resolves with the next `resolveAll`.
   * @param doing - What for, for the errors.
   * @throws what `createTimeoutError` or `rejectAll` builds.
   */
  wait(timeoutMs: number, doing: string, createTimeoutError: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        doing,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(createTimeoutError());
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  resolveAll(): void {
    for (const waiter of this.#take()) waiter.resolve();
  }

  /** @param build - Makes the error for what a waiter was about to do. */
  rejectAll(build: (doing: string) => unknown): void {
    for (const waiter of this.#take()) waiter.reject(build(waiter.doing));
  }

  #take(): readonly Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }
}
