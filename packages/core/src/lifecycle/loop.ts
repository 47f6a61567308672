/**
 * One way to run something forever: a step, a pause, a clean stop. Restore sweeps, heartbeats, lease renewals and beat
 * ticks all use it, so they back off and stop identically.
 * @module
 */
import type { Clock } from "../ports/clock.js";
import type { Backoff } from "./backoff.js";

export interface LoopOptions {
  /** One round of work. Passes `signal` on to every await that can block. */
  readonly step: (signal: AbortSignal) => Promise<void>;
  /** Pause after a round that succeeded, in milliseconds. */
  readonly intervalMs: number;
  /** Pause after `failures` failed rounds in a row. */
  readonly backoff: Backoff;
  readonly clock: Clock;
  /** Hears of every failed round. Must not throw: the loop outlives its errors. */
  readonly onError: (error: unknown, failures: number) => void;
}

/**
 * Starts the loop; its first round begins immediately. Disposing aborts the round in progress, waits for it to settle,
 * then resolves. Disposing twice is safe.
 */
export function startLoop(options: LoopOptions): AsyncDisposable {
  const stop = new AbortController();
  const done = run(options, stop.signal);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      stop.abort();
      await done;
    },
  };
}

async function run(options: LoopOptions, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await options.step(signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return; // the abort we asked for, not a fault
      failures += 1;
      options.onError(error, failures);
    }
    const pauseMs = failures === 0 ? options.intervalMs : options.backoff(failures);
    await options.clock.sleep(pauseMs, signal);
  }
}
