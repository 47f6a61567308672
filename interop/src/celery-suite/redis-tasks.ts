import type { App } from "@celeriac/core";
import { Redis } from "ioredis";

const PREFIX = "t.integration.tasks";

/** Tasks of the suite that leave traces in Redis, at REDIS_HOST and REDIS_PORT as the originals do. */
export function registerRedisTasks(app: App, env: NodeJS.ProcessEnv = process.env): void {
  let opened: Redis | undefined;
  const redis = (): Redis => {
    opened ??= new Redis({ host: env.REDIS_HOST ?? "localhost", port: Number(env.REDIS_PORT ?? 6379) });
    return opened;
  };
  const count = async (key: string): Promise<void> => {
    await redis().incr(key);
  };
  app.task(
    `${PREFIX}.redis_echo`,
    { params: ["message", "redis_key"] },
    async (message: string, key: string = "redis-echo") => {
      await redis().rpush(key, message);
      return null;
    },
  );
  app.task(
    `${PREFIX}.redis_echo_group_id`,
    { bind: true, params: ["_", "redis_key"] },
    async ({ request }, _ignored: unknown, key: string = "redis-group-ids") => {
      await redis().rpush(key, request.group ?? "");
      return null;
    },
  );
  app.task(`${PREFIX}.redis_count`, { params: ["redis_key"] }, async (key: string = "redis-count") => {
    await count(key);
    return null;
  });
  // Both kinds of errback reach a worker that is not Python's as a task with the id of the one that failed.
  for (const name of ["errback_old_style", "errback_new_style"]) {
    app.task(`${PREFIX}.${name}`, async (requestId: string) => {
      await count(requestId);
      return requestId;
    });
  }
}
