// @ts-check
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "../../workspace/run-command.mjs";
import { endProcess, isProcessAlive } from "../process-life.mjs";
import { greetMysql } from "./mysql-greeting.mjs";

const START_LIMIT_MS = 30_000;
const POLL_MS = 50;

/** Nothing is kept, so nothing has to be safe on disk. */
const CARELESS = ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--skip-log-bin"];
const SMALL = ["--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--max-connections=200"];

/**
 * @typedef {object} MariadbProcess
 * @property {number} pid
 * @property {string} url
 * @property {string} pidFile
 * @property {string} version
 */

/**
 * Starts a MariaDB server that outlives this process and listens on 127.0.0.1 only, with a database `celeriac` and no
 * password. Its data folder is made anew.
 * @param {{ server: string, install: string, folder: string, port: number }} options - `server`: `mariadbd`; `install`:
 *   `mariadb-install-db`; `folder` receives data and log.
 * @returns {Promise<MariadbProcess>} Resolves when it answers.
 * @throws Error naming the log file when it ends, or does not answer within half a minute.
 */
export async function startMariadbProcess({ server, install, folder, port }) {
  const data = join(folder, "data");
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  const who = process.getuid?.() === 0 ? ["--user=root"] : [];
  const access = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"];
  const made = await runCommand(
    install,
    ["--no-defaults", `--datadir=${data}`, ...access, ...who, ...CARELESS, ...SMALL],
    {
      quiet: true,
    },
  );
  if (made.code !== 0) throw new Error(`${install} failed: ${made.output.trim().split("\n").at(-1)}`);
  mkdirSync(join(data, "celeriac"), { recursive: true }); // a database is a folder
  const log = join(folder, "mariadb.log");
  const pidFile = join(folder, "mariadb.pid");
  const place = [`--datadir=${data}`, `--pid-file=${pidFile}`, `--socket=${join(data, "s")}`, `--port=${port}`];
  const output = openSync(log, "w");
  const args = [
    "--no-defaults",
    ...place,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    ...who,
    ...CARELESS,
    ...SMALL,
  ];
  const child = spawn(server, args, { detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  const failed = new Promise((_, reject) => child.once("error", reject));
  failed.catch(() => undefined); // raced below; the loser must not count as unhandled
  child.unref();
  const url = `mysql://root@127.0.0.1:${port}/celeriac`;
  const version = await Promise.race([failed, untilAnswering(child, url, log)]);
  return { pid: child.pid ?? 0, url, pidFile, version };
}

/**
 * @param {string} pidFile
 * @returns {number | undefined} The process that wrote it and has not ended orderly since.
 */
export function mariadbPid(pidFile) {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
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
    const version = await greetMysql(url).catch(() => undefined);
    // Somebody else may have taken the port between our look and the server's: then ours ends.
    if (child.exitCode !== null) throw new Error(`mariadbd ended with code ${child.exitCode}; see ${log}`);
    if (version !== undefined) return version;
    await sleep(POLL_MS);
  }
  const pid = child.pid ?? 0;
  if (isProcessAlive(pid)) await endProcess(pid);
  throw new Error(`mariadbd did not answer within ${START_LIMIT_MS / 1000} s; see ${log}`);
}
