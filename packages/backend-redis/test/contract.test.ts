import type { ResultBackend } from "@celeriac/core/ports";
import { type BackendFixture, backendContract } from "@celeriac/testkit";
import { afterAll, beforeAll, describe, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { redisBackend } from "../src/index.js";

describe.skipIf(!hasRedisServer)("the backend contract on Redis", () => {
  let redis: RedisFixture;
  let cases = 0;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  function create(): BackendFixture {
    cases += 1;
    const globalKeyprefix = `case${cases}:`;
    const opened: ResultBackend[] = [];
    const open = (): ResultBackend => {
      const backend = redisBackend(redis.url, { globalKeyprefix });
      opened.push(backend);
      return backend;
    };
    return {
      backend: open(),
      createPeer: open,
      putRaw: async (taskId, text) => {
        await redis.client().set(`${globalKeyprefix}celery-task-meta-${taskId}`, text);
      },
      stall: async () => redis.pause(),
      cleanup: async () => {
        redis.resume();
        await Promise.all(opened.map((backend) => backend[Symbol.asyncDispose]()));
      },
    };
  }

  for (const one of backendContract(create)) {
    it(one.name, async ({ skip }) => {
      const outcome = await one.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});
