export interface WindowInputs {
  readonly slots: number;
  /** Messages per slot; 0 is no limit. */
  readonly multiplier: number;
  readonly fair: boolean;
  /** ETA tasks held here: each widens the window by one, so that they block nothing. */
  readonly scheduled: number;
  /** Running tasks whose message is acknowledged: they use a slot but no place in the window. */
  readonly earlyAckedRunning: number;
}

/**
 * How many unsettled messages the transport may leave with us. Fair: exactly as many as there are free slots.
 * @see Celery user guide, "Optimizing", prefetch limits.
 */
export function prefetchWindow(inputs: WindowInputs): number {
  const { slots, multiplier, fair, scheduled, earlyAckedRunning } = inputs;
  if (fair) return Math.max(0, slots - earlyAckedRunning) + scheduled;
  return multiplier === 0 ? Number.POSITIVE_INFINITY : slots * multiplier + scheduled;
}
