// @ts-check
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { findBinary } from "../../workspace/find-binary.mjs";
import { installDebianPackages } from "../debian-packages.mjs";
import { composeDown, composeUp } from "../docker-compose.mjs";
import { endProcess } from "../process-life.mjs";
import { greetPostgres } from "./postgres-greeting.mjs";
import { postgresPid, startPostgresProcess } from "./postgres-process.mjs";

/** @typedef {import("../service.mjs").Provision} Provision */
/** @typedef {import("../service.mjs").FindContext} FindContext */

/** Debian keeps the programs of each version here and few of them on PATH. */
const DEBIAN_FOLDER = "/usr/lib/postgresql";

/**
 * Sets `CELERIAC_POSTGRES_URL`, whose user may create databases and tables; for a server we started ourselves also
 * `CELERIAC_POSTGRES_DATA` (its data folder).
 * @type {import("../service.mjs").Service}
 */
export const postgresService = {
  name: "postgres",
  title: "PostgreSQL",
  variable: "CELERIAC_POSTGRES_URL",
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
  const url = env.CELERIAC_POSTGRES_URL ?? "";
  const version = await greetPostgres(url).catch((error) => {
    throw new Error(`CELERIAC_POSTGRES_URL is set, but no PostgreSQL answers there: ${error.message}`);
  });
  return { how: "environment", detail: describe(version, url), env: { CELERIAC_POSTGRES_URL: url } };
}

/** @type {import("../service.mjs").Finder} */
async function fromBinary(context) {
  const bin = findPrograms();
  return bin === undefined ? { notHere: "initdb and postgres are not on PATH" } : start(bin, "binary", context);
}

/** @type {import("../service.mjs").Finder} */
async function fromDebian(context) {
  const problem = await installDebianPackages(["postgresql"], context.announce);
  if (problem !== undefined) return { notHere: problem };
  const bin = findPrograms();
  return bin === undefined
    ? { notHere: "postgresql was installed but cannot be found" }
    : start(bin, "debian", context);
}

/** @type {import("../service.mjs").Finder} */
async function fromDocker(context) {
  const port = String(await context.port());
  const problem = await composeUp("postgres", { CELERIAC_POSTGRES_PORT: port });
  if (problem !== undefined) return { notHere: problem };
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const detail = describe(await greetPostgres(url), url);
  return { how: "docker", detail, compose: "postgres", env: { CELERIAC_POSTGRES_URL: url } };
}

/**
 * @param {string} bin
 * @param {"binary" | "debian"} how
 * @param {FindContext} context
 * @returns {Promise<Provision>}
 */
async function start(bin, how, context) {
  const { pid, url, data, version } = await startPostgresProcess({
    bin,
    folder: context.folder,
    port: await context.port(),
  });
  const env = { CELERIAC_POSTGRES_URL: url, CELERIAC_POSTGRES_DATA: data };
  return { how, detail: `${describe(version, url)}, pid ${pid}`, pid, env };
}

/** @returns {string | undefined} The folder that has both programs; the newest version where Debian has several. */
function findPrograms() {
  const initdb = findBinary("initdb");
  if (initdb !== undefined && existsSync(join(dirname(initdb), "postgres"))) return dirname(initdb);
  if (!existsSync(DEBIAN_FOLDER)) return undefined;
  const versions = readdirSync(DEBIAN_FOLDER).sort((left, right) => Number(right) - Number(left));
  return versions.map((version) => join(DEBIAN_FOLDER, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}

/** @param {Provision} provision */
async function isUsable(provision) {
  const answers = await greetPostgres(provision.env.CELERIAC_POSTGRES_URL ?? "").then(
    () => true,
    () => false,
  );
  return answers && (provision.pid === undefined || isOurs(provision));
}

/** @param {Provision} provision */
async function stop(provision) {
  if (provision.compose !== undefined) {
    const { port } = new URL(provision.env.CELERIAC_POSTGRES_URL ?? "postgresql://127.0.0.1");
    await composeDown(provision.compose, { CELERIAC_POSTGRES_PORT: port });
  } else if (provision.pid !== undefined && isOurs(provision)) {
    // SIGINT is PostgreSQL's "now": SIGTERM waits for those who are connected.
    process.kill(provision.pid, "SIGINT");
    await endProcess(provision.pid);
    const data = provision.env.CELERIAC_POSTGRES_DATA;
    if (data !== undefined) rmSync(dirname(data), { recursive: true, force: true });
  }
}

/**
 * Only a server whose data folder names this pid is ours: the number may have been given to another process.
 * @param {Provision} provision
 */
function isOurs(provision) {
  return postgresPid(provision.env.CELERIAC_POSTGRES_DATA ?? "") === provision.pid;
}

/**
 * @param {string} version
 * @param {string} url
 */
function describe(version, url) {
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  return `PostgreSQL${version === "" ? "" : ` ${version}`}, ${shown.href}`;
}
