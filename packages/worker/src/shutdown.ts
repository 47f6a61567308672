/** How far a shutdown has come, for everything that waits. */
export interface ShutdownSignals {
  /** Stop taking: outages are waited out for a short while only. */
  readonly warm: AbortSignal;
  /** Stop running: nothing is waited for. */
  readonly cold: AbortSignal;
}
