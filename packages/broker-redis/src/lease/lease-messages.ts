import type { RedisTarget } from "@celeriac/redis-connection";

/** What the lease thread is started with. */
export interface LeaseThreadData {
  readonly target: RedisTarget;
  readonly indexKey: string;
  readonly prefix: string;
  readonly visibilityMs: number;
  /** Of the `LeaseBoard`. */
  readonly board: SharedArrayBuffer;
  readonly held: HeldSnapshot;
}

/** Which tag numbers up to `upTo` are held; all above it, up to the highest in use, count as held too. */
export interface HeldSnapshot {
  readonly upTo: number;
  readonly numbers: Float64Array;
}
