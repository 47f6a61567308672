import type { RedisTarget } from "@celeriac/redis-connection";

/** What the lease thread is started with. */
export interface LeaseThreadData {
  readonly target: RedisTarget;
  readonly indexKey: string;
  readonly prefix: string;
  readonly visibilityMs: number;
  /** One 64-bit integer: the highest tag number in use. Written by the main thread before it sends a claim. */
  readonly highest: SharedArrayBuffer;
  readonly held: HeldSnapshot;
}

/** Which tag numbers up to `upTo` are held; all above it, up to the highest in use, count as held too. */
export interface HeldSnapshot {
  readonly upTo: number;
  readonly numbers: Float64Array;
}
