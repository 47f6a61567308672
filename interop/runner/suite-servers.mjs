// @ts-check
import { openSuiteRedis } from "./suite-redis.mjs";
import { SUITE_STAGES } from "./suite-stages.mjs";

/** @typedef {import("./suite-stages.mjs").SuiteStageName} SuiteStageName */
/** @typedef {import("../celery-suite/suite-environment.mjs").SuiteEnvironment} SuiteEnvironment */

/**
 * @typedef {object} SuiteServers
 * @property {string} redisUrl - Traces of the suite's tasks.
 * @property {string} brokerUrl
 * @property {string} backendUrl
 * @property {() => Promise<void>} stop
 */

/**
 * What one run of Celery's suite needs for itself: a Redis, for RabbitMQ a virtual host, for PostgreSQL a database.
 * @param {SuiteStageName} name
 * @param {SuiteEnvironment} environment
 * @param {Record<string, string>} env
 * @returns {Promise<SuiteServers>}
 * @throws Error when one of them cannot be had.
 */
export async function openSuiteServers(name, environment, env) {
  const stage = SUITE_STAGES[name];
  const where = { ...process.env, ...env, CELERIAC_PYTHON: environment.python };
  /** @type {(() => Promise<void>)[]} */
  const closers = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const redis = await openSuiteRedis(env);
    closers.push(redis.stop);
    const rabbit = stage.isRabbit ? await openRabbit(where) : undefined;
    if (rabbit !== undefined) closers.push(rabbit.stop);
    const postgres = stage.isPostgres ? await openPostgres(where) : undefined;
    if (postgres !== undefined) closers.push(postgres.stop);
    const [brokerUrl, backendUrl] = [rabbit?.url ?? redis.url, postgres?.url ?? redis.url];
    return { redisUrl: redis.url, brokerUrl, backendUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {NodeJS.ProcessEnv} env */
async function openRabbit(env) {
  const { findRabbit, openRabbitStage } = await import("../dist/stage/rabbit-stage.js");
  const stage = await openRabbitStage(findRabbit(env));
  return { url: stage.url, stop: async () => stage[Symbol.asyncDispose]() };
}

/** @param {NodeJS.ProcessEnv} env */
async function openPostgres(env) {
  const { findPostgres, openPostgresStage } = await import("../dist/stage/postgres-stage.js");
  const stage = await openPostgresStage(findPostgres(env));
  return { url: `db+${stage.url}`, stop: async () => stage[Symbol.asyncDispose]() };
}
