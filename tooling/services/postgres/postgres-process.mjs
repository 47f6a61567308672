// @ts-check
import { spawn, spawnSync } from "node:child_process";
import { chownSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, isProcessAlive } from "../process-life.mjs";
import { accountInsteadOfRoot, isOpenToAll } from "../server-account.mjs";
import { greetPostgres } from "./postgres-greeting.mjs";

const START_LIMIT_MS = 30_000;
const POLL_MS = 50;
const USER = "celeriac";

/** Nothing is kept, so nothing has to be safe on disk. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  shared_buffers: "64MB",
  max_connections: "200",
  jit: "off",
};

/**
 * @typedef {object} PostgresProcess
 * @property {number} pid
 * @property {string} url
 * @property {string} data - Its data folder.
 * @property {string} version
 */

/**
 * Starts a PostgreSQL server that outlives this process and listens on 127.0.0.1 only. Its data folder is made anew.
 * @param {{ bin: string, folder: string, port: number }} options - `bin`: folder of `postgres` and `initdb`; `folder`
 *   receives data and log.
 * @returns {Promise<PostgresProcess>} Resolves when it answers.
 * @throws Error naming the log file when it ends, or does not answer within half a minute.
 */
export async function startPostgresProcess({ bin, folder, port }) {
  const account = accountInsteadOfRoot(["postgres", "nobody"]);
  const home = homeFor(folder, account);
  const data = join(home, "data");
  const log = join(folder, "postgres.log");
  const made = spawnSync(join(bin, "initdb"), initialize(data), { ...account, encoding: "utf8", cwd: home });
  if (made.status !== 0)
    throw new Error(`initdb failed: ${(made.error?.message ?? made.stderr).trim().split("\n").at(-1)}`);
  const output = openSync(log, "w");
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(bin, "postgres"), ["-D", data, ...settings], {
    ...account,
    detached: true,
    stdio: ["ignore", output, output],
    cwd: home,
  });
  closeSync(output);
  const failed = new Promise((_, reject) => child.once("error", reject));
  failed.catch(() => undefined); // raced below; the loser must not count as unhandled
  child.unref();
  const url = `postgresql://${USER}@127.0.0.1:${port}/postgres`;
  const version = await Promise.race([failed, untilAnswering(child, url, log)]);
  return { pid: child.pid ?? 0, url, data, version };
}

/**
 * @param {string} data - The data folder of a server.
 * @returns {number | undefined} The process that serves it now.
 */
export function postgresPid(data) {
  try {
    const pid = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n", 1)[0]);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * PostgreSQL runs as somebody else when we are root, who may have no way into our folder.
 * @param {string} folder
 * @param {import("../server-account.mjs").Account | undefined} account
 */
function homeFor(folder, account) {
  mkdirSync(folder, { recursive: true });
  if (account === undefined || isOpenToAll(folder)) {
    const home = join(folder, "server");
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home);
    if (account !== undefined) chownSync(home, account.uid, account.gid);
    return home;
  }
  const home = mkdtempSync(join(tmpdir(), "celeriac-postgres-"));
  chownSync(home, account.uid, account.gid);
  return home;
}

/** @param {string} data */
function initialize(data) {
  const access = ["--username", USER, "--auth", "trust"];
  return ["--pgdata", data, ...access, "--encoding", "UTF8", "--locale", "C", "--no-sync"];
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {string} url
 * @param {string} log
 * @returns {Promise<string>} The version.
 */
async function untilAnswering(child, url, log) {
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit) {
    const version = await greetPostgres(url).catch(() => undefined);
    // Somebody else may have taken the port between our look and the server's: then ours ends.
    if (child.exitCode !== null) throw new Error(`postgres ended with code ${child.exitCode}; see ${log}`);
    if (version !== undefined) return version;
    await sleep(POLL_MS);
  }
  const pid = child.pid ?? 0;
  if (isProcessAlive(pid)) await endProcess(pid);
  throw new Error(`postgres did not answer within ${START_LIMIT_MS / 1000} s; see ${log}`);
}
