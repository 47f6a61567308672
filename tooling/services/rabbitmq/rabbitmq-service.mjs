// @ts-check
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { findBinary } from "../../workspace/find-binary.mjs";
import { installDebianPackages } from "../debian-packages.mjs";
import { composeDown, composeUp } from "../docker-compose.mjs";
import { describeRabbit, greetRabbit } from "./rabbitmq-api.mjs";
import { isNodeProcess, startRabbitProcess, stopRabbitProcess } from "./rabbitmq-process.mjs";

/** @typedef {import("../service.mjs").Provision} Provision */
/** @typedef {import("../service.mjs").FindContext} FindContext */

const DEBIAN_SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/**
 * Sets `CELERIAC_AMQP_URL`; for a node we started ourselves also `CELERIAC_AMQP_API` (its management interface) and
 * `CELERIAC_AMQP_CTL` (a `rabbitmqctl` for it), for tests that look behind the adapter or break the server.
 * @type {import("../service.mjs").Service}
 */
export const rabbitmqService = {
  name: "rabbitmq",
  title: "RabbitMQ",
  variable: "CELERIAC_AMQP_URL",
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
  const url = env.CELERIAC_AMQP_URL ?? "";
  const version = await greetRabbit(url).catch((error) => {
    throw new Error(`CELERIAC_AMQP_URL is set, but no RabbitMQ answers there: ${error.message}`);
  });
  return {
    how: "environment",
    detail: `RabbitMQ ${version}, ${withoutPassword(url)}`,
    env: { CELERIAC_AMQP_URL: url, ...given(env, "CELERIAC_AMQP_API"), ...given(env, "CELERIAC_AMQP_CTL") },
  };
}

/** @type {import("../service.mjs").Finder} */
async function fromBinary(context) {
  const server = findServer();
  return server === undefined ? { notHere: "rabbitmq-server is not on PATH" } : start(server, "binary", context);
}

/** @type {import("../service.mjs").Finder} */
async function fromDebian(context) {
  const problem = await installDebianPackages(["rabbitmq-server"], context.announce);
  if (problem !== undefined) return { notHere: problem };
  const server = findServer();
  return server === undefined
    ? { notHere: "rabbitmq-server was installed but cannot be found" }
    : start(server, "debian", context);
}

/** @type {import("../service.mjs").Finder} */
async function fromDocker(context) {
  const port = String(await context.port());
  const problem = await composeUp("rabbitmq", { CELERIAC_AMQP_PORT: port });
  if (problem !== undefined) return { notHere: problem };
  const url = `amqp://guest:guest@127.0.0.1:${port}//`;
  const version = await greetRabbit(url);
  return {
    how: "docker",
    detail: `RabbitMQ ${version}, ${withoutPassword(url)}`,
    compose: "rabbitmq",
    env: { CELERIAC_AMQP_URL: url },
  };
}

/**
 * @param {string} server
 * @param {"binary" | "debian"} how
 * @param {FindContext} context
 * @returns {Promise<Provision>}
 */
async function start(server, how, context) {
  const node = await startRabbitProcess({ server, folder: context.folder, port: await context.port() });
  const { pid, url, api, ctl, version } = node;
  return {
    how,
    detail: `RabbitMQ ${version}, ${withoutPassword(url)}, pid ${pid}`,
    pid,
    env: { CELERIAC_AMQP_URL: url, CELERIAC_AMQP_API: api, CELERIAC_AMQP_CTL: ctl },
  };
}

/**
 * The script of the release itself. What Debian puts on PATH is a wrapper that insists on the user rabbitmq.
 * @returns {string | undefined}
 */
function findServer() {
  if (existsSync(DEBIAN_SERVER)) return DEBIAN_SERVER;
  const found = findBinary("rabbitmq-server");
  if (found === undefined) return undefined;
  const real = realpathSync(found);
  return readdirSync(dirname(real)).includes("rabbitmqctl") ? join(dirname(real), "rabbitmq-server") : undefined;
}

/** @param {Provision} provision */
async function isUsable(provision) {
  if (provision.pid === undefined) {
    return greetRabbit(provision.env.CELERIAC_AMQP_URL ?? "").then(
      () => true,
      () => false,
    );
  }
  const described = await describeRabbit(provision.env.CELERIAC_AMQP_API ?? "").catch(() => undefined);
  return described?.pid === provision.pid;
}

/** @param {Provision} provision */
async function stop(provision) {
  if (provision.compose !== undefined) {
    const { port } = new URL(provision.env.CELERIAC_AMQP_URL ?? "amqp://127.0.0.1");
    await composeDown(provision.compose, { CELERIAC_AMQP_PORT: port });
  } else if (provision.pid !== undefined) {
    const node = { pid: provision.pid, ctl: provision.env.CELERIAC_AMQP_CTL ?? "" };
    // Only a node that is known by this pid is ended: the number may have been given to another process.
    if (isNodeProcess(node) || (await isUsable(provision))) await stopRabbitProcess(node);
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 * @returns {Record<string, string>}
 */
function given(env, name) {
  const value = env[name];
  return value === undefined || value === "" ? {} : { [name]: value };
}

/** @param {string} url */
function withoutPassword(url) {
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  return shown.href;
}
