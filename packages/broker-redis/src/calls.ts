import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions } from "@celeriac/core/ports";
import type { RedisConnection } from "@celeriac/redis-connection";

/** Calls that are not on the hot path: each waits for the connection and has its own deadline and signal. */
export interface Calls {
  /** @param doing - For the error: `counting messages`. @throws BrokerError, or the signal's reason. */
  ask<T>(
    doing: string,
    options: CallOptions | undefined,
    work: (connection: RedisConnection) => Promise<T>,
  ): Promise<T>;
}

export function createCalls(connection: RedisConnection, defaultTimeoutMs: number): Calls {
  return {
    ask: (doing, options, work) => {
      const timeoutMs = options?.timeoutMs ?? defaultTimeoutMs;
      if (options?.signal?.aborted === true) return Promise.reject(options.signal.reason);
      const answered = (async () => {
        if (!connection.ready) await connection.whenReady(timeoutMs, doing);
        return work(connection);
      })();
      return withDeadline(answered, { timeoutMs, signal: options?.signal }, () =>
        connection.failure(connection.ready ? "timeout" : "unavailable", doing),
      );
    },
  };
}
