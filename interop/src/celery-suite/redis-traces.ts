import { Redis } from "ioredis";

/** What the suite's messages are: Python's str, int and bytes. */
export type TraceMessage = string | number | Uint8Array;

/** What tasks of the suite leave behind in Redis, for the tests to see what ran. */
export interface RedisTraces {
  /** Appends to a list. */
  echo(message: TraceMessage, key: string): Promise<void>;
  /** Adds one to a counter. */
  count(key: string): Promise<void>;
}

/** Connects at the first trace, to REDIS_HOST and REDIS_PORT as the originals do. */
export function createRedisTraces(env: NodeJS.ProcessEnv = process.env): RedisTraces {
  let opened: Redis | undefined;
  const redis = (): Redis => {
    opened ??= new Redis({ host: env.REDIS_HOST ?? "localhost", port: Number(env.REDIS_PORT ?? 6379) });
    return opened;
  };
  return {
    async echo(message, key) {
      await redis().rpush(key, message instanceof Uint8Array ? Buffer.from(message) : message);
    },
    async count(key) {
      await redis().incr(key);
    },
  };
}
