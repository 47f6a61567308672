import type { RedisTarget } from "@celeriac/redis-connection";

/** What the lease thread is started with. */
export interface LeaseThreadData {
  readonly target: RedisTarget;
  readonly indexKey: string;
  readonly prefix: string;
  readonly visibilityMs: number;
  /** Tag numbers held already. */
  readonly held: readonly number[];
}

/** What it is told afterwards: numbers to renew from now on, and numbers not to renew any more. */
export type LeaseMessage =
  | { readonly kind: "hold"; readonly first: number; readonly count: number }
  | { readonly kind: "release"; readonly numbers: Float64Array };
