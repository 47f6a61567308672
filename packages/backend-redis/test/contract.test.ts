import type { ResultBackend } from "@celeriac/core/ports";
import { type BackendFixture, backendContract } from "@celeriac/testkit";
import { afterAll, beforeAll, describe, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { type RedisBackendOptions, redisBackend } from "../src/index.js";

const ORDER_CASES = [
  "results are in the header's order, not in that of their coming",
  "tasks that have no place come last",
  "a task without a place that is redelivered counts once",
  "an extended chord waits for the additional member too",
];

describe.skipIf(!hasRedisServer)("the backend contract on Redis", () => {
  let redis: RedisFixture;
  let cases = 0;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  function create(options: RedisBackendOptions): BackendFixture {
    cases += 1;
    const globalKeyprefix = `case${cases}:`;
    const opened: ResultBackend[] = [];
    const open = (more: RedisBackendOptions = {}): ResultBackend => {
      const backend = redisBackend(redis.url, { ...options, ...more, globalKeyprefix });
      opened.push(backend);
      return backend;
    };
    return {
      backend: open(),
      createPeer: () => open(),
      createCompressingPeer: () => open({ resultCompression: "zlib" }),
      putRaw: async (taskId, text) => {
        await redis.client().set(`${globalKeyprefix}celery-task-meta-${taskId}`, text);
      },
      loseChordSize: async (groupId) => {
        await redis.client().del(`${globalKeyprefix}celery-taskset-meta-${groupId}.s`);
      },
      stall: async () => redis.pause(),
      cleanup: async () => {
        redis.resume();
        await Promise.all(opened.map((backend) => backend[Symbol.asyncDispose]()));
      },
    };
  }

  for (const one of backendContract(() => create({}))) {
    it(one.name, { timeout: one.timeoutMs }, async ({ skip }) => {
      const outcome = await one.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }

  describe("with resultCompression", () => {
    for (const one of backendContract(() => create({ resultCompression: "brotli" }))) {
      it(one.name, { timeout: one.timeoutMs }, async ({ skip }) => {
        const outcome = await one.run();
        if (outcome.status === "skipped") skip(outcome.reason);
      });
    }
  });

  describe("with result_chord_ordered off", () => {
    const reason = "a list keeps results as they come";
    const skip = ORDER_CASES.map((name) => ({ case: name, reason }));
    const cases = backendContract(() => create({ resultChordOrdered: false }), { skip });
    for (const one of cases.filter(({ needs }) => needs.includes("chords"))) {
      it(one.name, { timeout: one.timeoutMs }, async ({ skip: excuse }) => {
        const outcome = await one.run();
        if (outcome.status === "skipped") excuse(outcome.reason);
      });
    }
  });
});
