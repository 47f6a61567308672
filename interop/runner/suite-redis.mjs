// @ts-check
import { Redis } from "ioredis";

/**
 * A Redis for Celery's suite, which uses the plain key layout and counts subscriptions: nobody else may be there. A server
 * of our own where a binary is known; else the one that CELERIAC_REDIS_URL names, when its database is empty.
 * @param {Record<string, string>} env
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 * @throws Error when there is no such Redis.
 */
export async function openSuiteRedis(env) {
  const { findRedis, openRedisStage } = await import("../dist/stage/redis-stage.js");
  const found = findRedis({ ...process.env, ...env });
  if ("url" in found && !(await isUnused(found.url))) {
    throw new Error(
      "no redis-server binary is known, and the database of CELERIAC_REDIS_URL is not empty or has a password",
    );
  }
  const stage = await openRedisStage(found);
  return { url: stage.url, stop: async () => stage[Symbol.asyncDispose]() };
}

/**
 * Whether each run of the suite gets a server of its own, so that several can go on at the same time.
 * @param {Record<string, string>} env
 */
export async function hasRedisOfOurOwn(env) {
  const { findRedis } = await import("../dist/stage/redis-stage.js");
  return "binary" in findRedis({ ...process.env, ...env });
}

/** @param {string} url */
async function isUnused(url) {
  if (new URL(url).password !== "") return false; // tasks of the suite connect by host and port only
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    return (await redis.dbsize()) === 0;
  } finally {
    redis.disconnect();
  }
}
