// @ts-check
import { openSuiteRedis } from "./suite-redis.mjs";

/** @typedef {import("./suite-runs.mjs").SuiteBroker} SuiteBroker */

/**
 * @typedef {object} SuiteServers
 * @property {string} redisUrl - Results and traces.
 * @property {string} brokerUrl
 * @property {() => Promise<void>} stop
 */

/**
 * What one run of Celery's suite needs for itself: a Redis, and for RabbitMQ a virtual host.
 * @param {SuiteBroker} broker
 * @param {Record<string, string>} env
 * @returns {Promise<SuiteServers>}
 * @throws Error when one of them cannot be had.
 */
export async function openSuiteServers(broker, env) {
  const { findRabbit, openRabbitStage } = await import("../dist/stage/rabbit-stage.js");
  const redis = await openSuiteRedis(env);
  if (broker === "redis") return { redisUrl: redis.url, brokerUrl: redis.url, stop: redis.stop };
  try {
    const rabbit = await openRabbitStage(findRabbit({ ...process.env, ...env }));
    const stop = async () => {
      await rabbit[Symbol.asyncDispose]();
      await redis.stop();
    };
    return { redisUrl: redis.url, brokerUrl: rabbit.url, stop };
  } catch (error) {
    await redis.stop();
    throw error;
  }
}
