import type { Clock } from "@celeriac/core";

interface Sleeper {
  readonly dueMs: number;
  wake(): void;
}

/** Time that moves only when told to. Wall and monotonic time are the same. */
export class FakeClock implements Clock {
  #nowMs: number;
  #sleepers: Sleeper[] = [];

  constructor(nowMs: number = Date.UTC(2030, 0, 1)) {
    this.#nowMs = nowMs;
  }

  readonly now = (): number => this.#nowMs;
  readonly monotonic = (): number => this.#nowMs;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const sleeper: Sleeper = { dueMs: this.#nowMs + ms, wake: leave };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  /** Moves time, waking sleepers in their order; lets everything that follows settle. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const next = this.#sleepers.filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Several turns of the event loop: enough for anything that waits for no timer. */
export async function settle(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
