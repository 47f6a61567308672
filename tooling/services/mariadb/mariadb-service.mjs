// @ts-check
import { rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { findBinary } from "../../workspace/find-binary.mjs";
import { installDebianPackages } from "../debian-packages.mjs";
import { composeDown, composeUp } from "../docker-compose.mjs";
import { endProcess } from "../process-life.mjs";
import { mariadbPid, startMariadbProcess } from "./mariadb-process.mjs";
import { greetMysql } from "./mysql-greeting.mjs";

/** @typedef {import("../service.mjs").Provision} Provision */
/** @typedef {import("../service.mjs").FindContext} FindContext */

/** Servers live where a user's PATH does not always look. */
const PATHS = [process.env.PATH ?? "", "/usr/sbin", "/usr/local/sbin"].join(delimiter);
/** The server without Debian's system service, and the programs that its set-up calls. */
const DEBIAN_PACKAGES = ["mariadb-server-core", "mariadb-client-core"];

/**
 * Sets `CELERIAC_MARIADB_URL`, whose user may create databases and tables; for a server we started ourselves also
 * `CELERIAC_MARIADB_PID_FILE`. A MySQL may stand behind the URL as well.
 * @type {import("../service.mjs").Service}
 */
export const mariadbService = {
  name: "mariadb",
  title: "MariaDB",
  variable: "CELERIAC_MARIADB_URL",
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
  const url = env.CELERIAC_MARIADB_URL ?? "";
  const version = await greetMysql(url).catch((error) => {
    throw new Error(`CELERIAC_MARIADB_URL is set, but no MariaDB answers there: ${error.message}`);
  });
  return { how: "environment", detail: describe(version, url), env: { CELERIAC_MARIADB_URL: url } };
}

/** @type {import("../service.mjs").Finder} */
async function fromBinary(context) {
  const programs = findPrograms();
  return programs === undefined
    ? { notHere: "mariadbd and mariadb-install-db are not on PATH" }
    : start(programs, "binary", context);
}

/** @type {import("../service.mjs").Finder} */
async function fromDebian(context) {
  const problem = await installDebianPackages(DEBIAN_PACKAGES, context.announce);
  if (problem !== undefined) return { notHere: problem };
  const programs = findPrograms();
  return programs === undefined
    ? { notHere: `${DEBIAN_PACKAGES[0]} was installed but cannot be found` }
    : start(programs, "debian", context);
}

/** @type {import("../service.mjs").Finder} */
async function fromDocker(context) {
  const port = String(await context.port());
  const problem = await composeUp("mariadb", { CELERIAC_MARIADB_PORT: port });
  if (problem !== undefined) return { notHere: problem };
  const url = `mysql://root@127.0.0.1:${port}/celeriac`;
  const detail = describe(await greetMysql(url), url);
  return { how: "docker", detail, compose: "mariadb", env: { CELERIAC_MARIADB_URL: url } };
}

/**
 * @param {{ server: string, install: string }} programs
 * @param {"binary" | "debian"} how
 * @param {FindContext} context
 * @returns {Promise<Provision>}
 */
async function start(programs, how, context) {
  const { pid, url, pidFile, version } = await startMariadbProcess({
    ...programs,
    folder: context.folder,
    port: await context.port(),
  });
  const env = { CELERIAC_MARIADB_URL: url, CELERIAC_MARIADB_PID_FILE: pidFile };
  return { how, detail: `${describe(version, url)}, pid ${pid}`, pid, env };
}

/** @returns {{ server: string, install: string } | undefined} */
function findPrograms() {
  const server = findBinary("mariadbd", PATHS);
  const install = findBinary("mariadb-install-db", PATHS);
  return server === undefined || install === undefined ? undefined : { server, install };
}

/** @param {Provision} provision */
async function isUsable(provision) {
  const answers = await greetMysql(provision.env.CELERIAC_MARIADB_URL ?? "").then(
    () => true,
    () => false,
  );
  return answers && (provision.pid === undefined || isOurs(provision));
}

/** @param {Provision} provision */
async function stop(provision) {
  if (provision.compose !== undefined) {
    const { port } = new URL(provision.env.CELERIAC_MARIADB_URL ?? "mysql://127.0.0.1");
    await composeDown(provision.compose, { CELERIAC_MARIADB_PORT: port });
  } else if (provision.pid !== undefined && isOurs(provision)) {
    // At once: its data is thrown away, and a polite end takes seconds.
    process.kill(provision.pid, "SIGKILL");
    await endProcess(provision.pid);
    const pidFile = provision.env.CELERIAC_MARIADB_PID_FILE ?? "";
    rmSync(pidFile, { force: true });
    if (pidFile !== "") rmSync(join(dirname(pidFile), "data"), { recursive: true, force: true });
  }
}

/**
 * Only a server whose file names this pid is ours: the number may have been given to another process.
 * @param {Provision} provision
 */
function isOurs(provision) {
  return mariadbPid(provision.env.CELERIAC_MARIADB_PID_FILE ?? "") === provision.pid;
}

/**
 * @param {string} version
 * @param {string} url
 */
function describe(version, url) {
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  return `${/mariadb/i.test(version) ? "MariaDB" : "MySQL"} ${version}, ${shown.href}`;
}
