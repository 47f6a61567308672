// @ts-check
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "../../workspace/run-command.mjs";
import { findFreePort } from "../free-port.mjs";
import { endProcess, isProcessAlive } from "../process-life.mjs";
import { describeRabbit } from "./rabbitmq-api.mjs";

const START_LIMIT_MS = 60_000;
const POLL_MS = 50;

/**
 * @typedef {object} RabbitProcess
 * @property {number} pid
 * @property {string} url
 * @property {string} api - Address of its management interface.
 * @property {string} ctl - Path of a `rabbitmqctl` for this very node.
 * @property {string} version - Such as `3.10.8`.
 */

/**
 * Starts a RabbitMQ node that outlives this process and listens on 127.0.0.1 only. Name, cookie, data, configuration and
 * the port mapper (epmd) are its own: another RabbitMQ on this machine is neither used nor disturbed.
 * @param {{ server: string, folder: string, port: number }} options - `server`: the `rabbitmq-server` of the release
 *   itself, not Debian's wrapper, which changes the user. `folder` receives everything, and is emptied first.
 * @returns {Promise<RabbitProcess>} Resolves when it answers.
 * @throws Error naming the log file when it ends, or does not answer within a minute.
 */
export async function startRabbitProcess({ server, folder, port }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const apiPort = await findFreePort();
  const environment = nodeEnvironment(folder, { epmd: await findFreePort(), dist: await findFreePort() });
  writeFileSync(join(folder, "rabbitmq.conf"), configuration(port, apiPort));
  writeFileSync(join(folder, "enabled_plugins"), "[rabbitmq_management, rabbitmq_auth_mechanism_ssl].\n");
  // Looks for deliveries that were not acknowledged in time every second, not every minute: tests wait for it.
  writeFileSync(join(folder, "advanced.config"), "[{rabbit, [{channel_tick_interval, 1000}]}].\n");
  const ctl = writeControl(folder, server, environment);
  const log = join(folder, "console.log");
  const output = openSync(log, "a");
  const stdio = /** @type {const} */ (["ignore", output, output]);
  const child = spawn(server, [], {
    detached: true,
    stdio: [...stdio],
    env: { PATH: process.env.PATH, ...environment },
  });
  closeSync(output);
  const failed = new Promise((_, reject) => child.once("error", reject));
  failed.catch(() => undefined); // raced below; the loser must not count as unhandled
  child.unref();
  const api = `http://guest:guest@127.0.0.1:${apiPort}`;
  const { pid, version } = await Promise.race([failed, untilAnswering(child, api, log)]).catch(async (error) => {
    await runCommand(ctl, ["--end-port-mapper"], { quiet: true });
    throw error;
  });
  return { pid, url: `amqp://guest:guest@127.0.0.1:${port}//`, api, ctl, version };
}

/**
 * Ends a node and its port mapper. At once: its data is thrown away, and a polite end takes seconds.
 * @param {{ pid: number, ctl: string }} node
 */
export async function stopRabbitProcess({ pid, ctl }) {
  process.kill(pid, "SIGKILL");
  await endProcess(pid);
  await runCommand(ctl, ["--end-port-mapper"], { quiet: true });
}

/**
 * Whether a process number still is the node it was given for: its command line names the node's own folder. A server that
 * is too busy to answer is found out by this, too.
 * @param {{ pid: number, ctl: string }} node
 * @returns {boolean} False where there is no /proc to ask.
 */
export function isNodeProcess({ pid, ctl }) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(dirname(ctl));
  } catch {
    return false;
  }
}

/**
 * @param {string} folder
 * @param {{ epmd: number, dist: number }} ports
 * @returns {Record<string, string>}
 */
function nodeEnvironment(folder, ports) {
  return {
    HOME: folder,
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    // Lets us end the port mapper although it has not yet noticed that its node is gone.
    ERL_EPMD_RELAXED_COMMAND_CHECK: "1",
    RABBITMQ_NODENAME: `celeriac-${ports.dist}@localhost`,
    RABBITMQ_DIST_PORT: String(ports.dist),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "advanced.config"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_PID_FILE: join(folder, "rabbitmq.pid"),
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    // Two schedulers that sleep when idle: the tests need the cores.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 2:2 +sbwt none",
  };
}

/**
 * @param {number} port
 * @param {number} apiPort
 */
function configuration(port, apiPort) {
  return [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    "management.tcp.ip = 127.0.0.1",
    `management.tcp.port = ${apiPort}`,
    "loopback_users = none",
    "auth_mechanisms.1 = PLAIN",
    "auth_mechanisms.2 = AMQPLAIN",
    "auth_mechanisms.3 = EXTERNAL",
    "ssl_cert_login_from = common_name",
    "log.console = false",
    "log.file.level = warning",
    "collect_statistics_interval = 1000",
    "",
  ].join("\n");
}

/**
 * `rabbitmqctl` finds a node through its environment, which a caller should not have to know.
 * @param {string} folder
 * @param {string} server
 * @param {Record<string, string>} environment
 * @returns {string} Path of the script.
 */
function writeControl(folder, server, environment) {
  const ctl = join(folder, "ctl");
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`);
  const stop = 'if [ "$1" = --end-port-mapper ]; then exec epmd -kill; fi';
  const run = `exec '${server.replace(/rabbitmq-server$/, "rabbitmqctl")}' "$@"`;
  writeFileSync(ctl, ["#!/bin/sh", ...lines, stop, run, ""].join("\n"), { mode: 0o755 });
  return ctl;
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {string} api
 * @param {string} log
 */
async function untilAnswering(child, api, log) {
  const pid = child.pid ?? 0;
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit) {
    const described = await describeRabbit(api).catch(() => undefined);
    if (described !== undefined) return described;
    if (child.exitCode !== null) throw new Error(`rabbitmq-server ended with code ${child.exitCode}; see ${log}`);
    await sleep(POLL_MS);
  }
  if (isProcessAlive(pid)) await endProcess(pid);
  throw new Error(`rabbitmq-server did not answer within ${START_LIMIT_MS / 1000} s; see ${log}`);
}
