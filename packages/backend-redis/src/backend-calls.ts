import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions } from "@celeriac/core/ports";
import type { RedisConnection } from "@celeriac/redis-connection";

/** Calls that wait for the connection, each with its own deadline and signal. */
export interface BackendCalls {
  /**
   * Nothing is written after the caller was told that it failed.
   * @param doing - For the error: `counting a chord`.
   * @throws BackendError, or the signal's reason.
   */
  ask<T>(
    doing: string,
    options: CallOptions | undefined,
    work: (connection: RedisConnection) => Promise<T>,
  ): Promise<T>;
}

export function createBackendCalls(connection: RedisConnection, defaultTimeoutMs: number): BackendCalls {
  return {
    async ask(doing, { signal, timeoutMs = defaultTimeoutMs } = {}, work) {
      signal?.throwIfAborted();
      let isWritten = false;
      let isGivenUp = false;
      const failure = (): Error => connection.failure(isWritten ? "timeout" : "unavailable", doing);
      const answered = (async () => {
        if (!connection.ready) await connection.whenReady(timeoutMs, doing);
        if (isGivenUp) throw failure();
        isWritten = true;
        return work(connection);
      })();
      try {
        return await withDeadline(answered, { timeoutMs, signal }, failure);
      } finally {
        isGivenUp = true;
      }
    },
  };
}
