// @ts-check
import { findBinary } from "../../workspace/find-binary.mjs";
import { installDebianPackages } from "../debian-packages.mjs";
import { composeDown, composeUp } from "../docker-compose.mjs";
import { endProcess } from "../process-life.mjs";
import { describeRedis, startRedisProcess } from "./redis-process.mjs";

/** @typedef {import("../service.mjs").Provision} Provision */
/** @typedef {import("../service.mjs").FindContext} FindContext */

/**
 * Sets `CELERIAC_REDIS_URL`; `CELERIAC_REDIS_SOCKET` (a unix socket's path) for a server we started ourselves; and
 * `CELERIAC_REDIS_SERVER` (path of a redis-server) where one is known, for tests that start TLS or Sentinel servers.
 * @type {import("../service.mjs").Service}
 */
export const redisService = {
  name: "redis",
  title: "Redis",
  variable: "CELERIAC_REDIS_URL",
  fromEnvironment,
  finders: [fromBinary, fromDocker, fromDebian],
  isUsable,
  stop,
};

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Provision>}
 */
async function fromEnvironment(env) {
  const url = env.CELERIAC_REDIS_URL ?? "";
  const { version } = await describeRedis(url).catch((error) => {
    throw new Error(`CELERIAC_REDIS_URL is set, but no Redis answers there: ${error.message}`);
  });
  return {
    how: "environment",
    detail: `Redis ${version}, ${withoutPassword(url)}`,
    env: { CELERIAC_REDIS_URL: url, ...serverBinary() },
  };
}

/** @type {import("../service.mjs").Finder} */
async function fromBinary(context) {
  const binary = findBinary("redis-server");
  return binary === undefined ? { notHere: "redis-server is not on PATH" } : start(binary, "binary", context);
}

/** @type {import("../service.mjs").Finder} */
async function fromDebian(context) {
  const problem = await installDebianPackages(["redis-server"], context.announce);
  if (problem !== undefined) return { notHere: problem };
  const binary = findBinary("redis-server");
  return binary === undefined
    ? { notHere: "redis-server was installed but is not on PATH" }
    : start(binary, "debian", context);
}

/** @type {import("../service.mjs").Finder} */
async function fromDocker(context) {
  const port = String(await context.port());
  const problem = await composeUp("redis", { CELERIAC_REDIS_PORT: port });
  if (problem !== undefined) return { notHere: problem };
  const url = `redis://127.0.0.1:${port}/0`;
  const { version } = await describeRedis(url);
  return {
    how: "docker",
    detail: `Redis ${version}, ${url}`,
    compose: "redis",
    env: { CELERIAC_REDIS_URL: url, ...serverBinary() },
  };
}

/**
 * @param {string} binary
 * @param {"binary" | "debian"} how
 * @param {FindContext} context
 * @returns {Promise<Provision>}
 */
async function start(binary, how, context) {
  const { pid, url, socket, version } = await startRedisProcess({
    binary,
    folder: context.folder,
    port: await context.port(),
  });
  const env = { CELERIAC_REDIS_URL: url, CELERIAC_REDIS_SOCKET: socket, CELERIAC_REDIS_SERVER: binary };
  return { how, detail: `Redis ${version}, ${url}, pid ${pid}`, pid, env };
}

/** @param {Provision} provision */
async function isUsable(provision) {
  const described = await describeRedis(provision.env.CELERIAC_REDIS_URL ?? "").catch(() => undefined);
  if (described === undefined) return false;
  return provision.pid === undefined || described.pid === provision.pid;
}

/** @param {Provision} provision */
async function stop(provision) {
  if (provision.compose !== undefined) {
    const { port } = new URL(provision.env.CELERIAC_REDIS_URL ?? "redis://127.0.0.1");
    await composeDown(provision.compose, { CELERIAC_REDIS_PORT: port });
  } else if (provision.pid !== undefined && (await isUsable(provision))) {
    // Only a server that names this pid as its own is ended: the number may have been given to another process.
    await endProcess(provision.pid);
  }
}

/** @returns {Record<string, string>} */
function serverBinary() {
  const binary = process.env.CELERIAC_REDIS_SERVER ?? findBinary("redis-server");
  return binary === undefined ? {} : { CELERIAC_REDIS_SERVER: binary };
}

/** @param {string} url */
function withoutPassword(url) {
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  return shown.href;
}
