// @ts-check
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, isProcessAlive } from "../process-life.mjs";
import { askRedis } from "./resp.mjs";

/** A unix socket's path must fit into `sockaddr_un`: 104 bytes on macOS, 108 on Linux, both with a closing zero. */
const MAX_SOCKET_PATH = 103;
const START_LIMIT_MS = 10_000;
const POLL_MS = 20;

/**
 * @typedef {object} RedisProcess
 * @property {number} pid
 * @property {string} url
 * @property {string} socket - Path of its unix socket.
 * @property {string} version - Such as `7.0.15`.
 */

/**
 * Starts a Redis server that outlives this process, keeps nothing on disk and listens on 127.0.0.1 only.
 * @param {{ binary: string, folder: string, port: number }} options - `folder` receives its log and socket.
 * @returns {Promise<RedisProcess>} Resolves when it answers.
 * @throws Error naming the log file when it ends, or does not answer within ten seconds.
 */
export async function startRedisProcess({ binary, folder, port }) {
  mkdirSync(folder, { recursive: true });
  const socket = socketPath(folder);
  rmSync(socket, { force: true });
  const log = join(folder, "redis.log");
  const args = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  const files = ["--dir", folder, "--logfile", log, "--unixsocket", socket, "--unixsocketperm", "700"];
  const child = spawn(binary, [...args, ...files], { detached: true, stdio: "ignore" });
  const failed = new Promise((_, reject) => child.once("error", reject));
  failed.catch(() => undefined); // raced below; the loser must not count as unhandled
  child.unref();
  const url = `redis://127.0.0.1:${port}/0`;
  return Promise.race([failed, untilAnswering(child, url, log)]).then(({ pid, version }) => ({
    pid,
    url,
    socket,
    version,
  }));
}

/**
 * @param {string} url
 * @returns {Promise<{ pid: number, version: string }>}
 */
export async function describeRedis(url) {
  const [info = ""] = await askRedis(url, [["INFO", "server"]]);
  const field = (/** @type {string} */ name) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
  return { pid: Number(field("process_id")), version: field("redis_version") };
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {string} url
 * @param {string} log
 */
async function untilAnswering(child, url, log) {
  const pid = child.pid ?? 0;
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit) {
    const described = await describeRedis(url).catch(() => undefined);
    // Somebody else may have taken the port between our look and the server's: only our own process counts.
    if (described?.pid === pid) return described;
    if (child.exitCode !== null) throw new Error(`redis-server ended with code ${child.exitCode}; see ${log}`);
    await sleep(POLL_MS);
  }
  if (isProcessAlive(pid)) await endProcess(pid);
  throw new Error(`redis-server did not answer within ${START_LIMIT_MS / 1000} s; see ${log}`);
}

/** @param {string} folder */
function socketPath(folder) {
  const inside = join(folder, "redis.sock");
  return Buffer.byteLength(inside) <= MAX_SOCKET_PATH
    ? inside
    : join(mkdtempSync(join(tmpdir(), "celeriac-")), "redis.sock");
}
