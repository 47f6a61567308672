/**
 * Finds messages whose owner stopped renewing them, and has them restored. Every worker does it, one at a time: kombu's
 * lock keeps them from doing the same work twice. Correctness does not rest on it, as every move checks for itself, so a
 * lock whose owner died is respected only for a while (kombu#1190).
 * @module
 */
import { randomUUID } from "node:crypto";
import { exponentialBackoff, startLoop, systemClock } from "@celeriac/core/lifecycle";
import type { RedisConnection } from "@celeriac/redis-connection";
import { integerReply, listReply } from "@celeriac/redis-connection";
import type { BrokerSettings } from "../broker-settings.js";
import type { KeyLayout } from "../key-layout.js";
import { EXPIRED_SCRIPT, UNLOCK_SCRIPT } from "./restore-scripts.js";
import type { Restorer } from "./restorer.js";
import { readHeld } from "./restorer.js";

export interface SweepOptions {
  readonly connection: RedisConnection;
  readonly keys: KeyLayout;
  readonly settings: BrokerSettings;
  readonly restorer: Restorer;
}

/** Our lock ends soon after we do, so that a worker that is killed while it sweeps does not stop the others for minutes... */
const LOCK_MS = 10_000;
/** ...and within two rounds, but not before a sweep had time to be done. */
const SHORTEST_LOCK_MS = 1000;
/** Time for every worker to come back and renew after an outage. */
const GRACE_MS = 5000;
const PER_ROUND = 100;
/** After so many refusals the lock is taken to be a dead owner's. */
const PATIENCE = 3;

/** Sweeps now and then at `restoreIntervalMs`. Disposing ends it after the round in progress. */
export function startRestoreSweep(options: SweepOptions): AsyncDisposable {
  const { connection, keys, settings } = options;
  let refusals = 0;
  let quietUntil = 0;
  const stopListening = connection.onLost(() => {
    quietUntil = Number.POSITIVE_INFINITY;
  });
  const loop = startLoop({
    step: async (signal) => {
      await connection.whenReady(settings.publishTimeoutMs, "looking for lost messages");
      const startedAt = performance.now();
      // While the server was away nobody could renew: everybody gets the time to, before anything counts as lost.
      if (quietUntil === Number.POSITIVE_INFINITY)
        quietUntil = startedAt + Math.min(GRACE_MS, settings.visibilityMs / 3);
      if (startedAt < quietUntil) return;
      const token = randomUUID();
      const twoRoundsMs = Math.max(SHORTEST_LOCK_MS, 2 * settings.restoreIntervalMs);
      const expireMs = Math.ceil(Math.min(settings.unackedMutexExpireMs, LOCK_MS, twoRoundsMs));
      const locked = await connection.send("set", [keys.unackedMutex, token, "PX", expireMs, "NX"]);
      refusals = locked === null ? refusals + 1 : 0;
      if (locked === null && refusals <= PATIENCE) return;
      // A server that took that long was frozen, and renewals with it.
      const isStalled = performance.now() - startedAt > settings.visibilityMs / 3;
      try {
        if (!isStalled) await sweep(options, signal);
      } finally {
        if (locked !== null) await connection.run(UNLOCK_SCRIPT, [keys.unackedMutex], [token]);
      }
    },
    intervalMs: settings.restoreIntervalMs,
    backoff: exponentialBackoff({ baseMs: 200, maxMs: Math.max(settings.restoreIntervalMs, 200) }),
    clock: systemClock,
    onError: () => undefined, // the connection reports itself to whoever consumes; the next round tries again
  });
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      stopListening();
      await loop[Symbol.asyncDispose]();
    },
  };
}

/** One pass over everything overdue; resolves with how many messages were restored. @throws BrokerError */
export async function sweep(options: SweepOptions, signal: AbortSignal): Promise<number> {
  const { connection, keys, settings, restorer } = options;
  let left = settings.unackedRestoreLimit;
  let restored = 0;
  while (left > 0 && !signal.aborted) {
    const limit = Math.min(PER_ROUND, left);
    const reply = listReply(
      await connection.runForBytes(
        EXPIRED_SCRIPT,
        [keys.unacked, keys.unackedIndex],
        [String(settings.visibilityMs / 1000), limit],
      ),
    );
    const moved = await restorer.restore(readHeld(reply, 1), settings.visibilityMs);
    restored += moved;
    left -= limit;
    const looked = integerReply(reply[0]);
    // Entries that stay although they were looked at (a target that refuses them) must not make this round endless.
    if (looked < limit || moved === 0) break;
  }
  return restored;
}
