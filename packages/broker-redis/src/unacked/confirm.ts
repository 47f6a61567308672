import { BrokerError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";
import type { RedisConnection } from "@celeriac/redis-connection";

const RETRY_PAUSE_MS = 20;

/**
 * Asks the server until it answers: what the connection took with it is asked again when the server is back, for as long
 * as `timeoutMs`.
 * @param attempt - May have been executed before, its answer lost.
 * @throws BrokerError
 */
export async function untilConfirmed(
  options: { readonly connection: RedisConnection; readonly timeoutMs: number },
  doing: string,
  attempt: () => Promise<void>,
): Promise<void> {
  const { connection, timeoutMs } = options;
  const startedAt = performance.now();
  for (;;) {
    const leftMs = timeoutMs - (performance.now() - startedAt);
    if (!connection.ready) await connection.whenReady(Math.max(leftMs, 1), `${doing} messages`);
    try {
      await attempt();
      return;
    } catch (error) {
      const dropped = error instanceof BrokerError && error.code === "BROKER_UNAVAILABLE";
      if (!dropped || performance.now() - startedAt >= timeoutMs) throw error;
      await systemClock.sleep(RETRY_PAUSE_MS); // the socket may be dead a moment before it says so
    }
  }
}
