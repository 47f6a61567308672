import type { Broker } from "@celeriac/core/ports";
import { type BrokerFixture, brokerContract } from "@celeriac/testkit";
import { afterAll, beforeAll, describe, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { redisBroker } from "../src/index.js";

describe.skipIf(!hasRedisServer)("the broker contract on Redis", () => {
  let redis: RedisFixture;
  let cases = 0;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  function create(): BrokerFixture {
    cases += 1;
    const globalKeyprefix = `case${cases}:`;
    const opened: Broker[] = [];
    const open = (): Broker => {
      const broker = redisBroker(redis.url, { globalKeyprefix });
      opened.push(broker);
      return broker;
    };
    return {
      broker: open(),
      createPeer: open,
      putRaw: async (queue, bytes) => {
        await redis.client().lpush(globalKeyprefix + queue, Buffer.from(bytes));
      },
      stall: async () => redis.pause(),
      mostUrgentPriority: 0,
      takes: true,
      cleanup: async () => {
        redis.resume();
        await Promise.all(opened.map((broker) => broker[Symbol.asyncDispose]()));
      },
    };
  }

  for (const one of brokerContract(create)) {
    it(one.name, { timeout: one.timeoutMs }, async ({ skip }) => {
      const outcome = await one.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});
