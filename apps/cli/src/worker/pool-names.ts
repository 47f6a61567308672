/** Ways to run tasks. */
export type PoolKind = "prefork" | "async" | "solo";

/** Names of pools as users write them, Celery's included. */
export type PoolName = "prefork" | "processes" | "async" | "gevent" | "eventlet" | "solo";

export const POOL_NAMES: ReadonlyMap<string, PoolKind> = new Map<PoolName, PoolKind>([
  ["prefork", "prefork"],
  ["processes", "prefork"],
  ["async", "async"],
  ["gevent", "async"],
  ["eventlet", "async"],
  ["solo", "solo"],
]);
