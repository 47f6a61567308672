/** How long to pause before the next look at what is waited for. */
export interface PollPace {
  /** Milliseconds; grows from call to call. */
  next(): number;
  /** Something has changed, or is waited for anew: the next pause is the shortest. */
  quicken(): void;
  /** Whether the last pause was longer than the shortest. */
  readonly isSlow: boolean;
}

/** Milliseconds. */
export interface PaceLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Pauses grow by half from `minMs` up to `maxMs`, which are asked for each time. */
export function createPollPace(limits: () => PaceLimits): PollPace {
  let factor = 1;
  let isSlow = false;
  return {
    next() {
      const { minMs, maxMs } = limits();
      const pauseMs = Math.min(minMs * factor, maxMs);
      isSlow = pauseMs > minMs;
      if (pauseMs < maxMs) factor *= 1.5;
      return Math.max(pauseMs, 1);
    },
    quicken() {
      factor = 1;
    },
    get isSlow() {
      return isSlow;
    },
  };
}
