// @ts-check
import { rmSync } from "node:fs";
import { join } from "node:path";
import { findBinary } from "../../workspace/find-binary.mjs";
import { composeDown, composeUp } from "../docker-compose.mjs";
import { endProcess, isProcessAlive } from "../process-life.mjs";
import { servicesFolder } from "../state-file.mjs";
import { buildFerretdb } from "./ferretdb-binary.mjs";
import { askMongo } from "./mongo-command.mjs";
import { makeReplicaSet, startFerretdb, startMongod } from "./mongo-process.mjs";
import { isRunningFrom } from "./running-from.mjs";

/** @typedef {import("../service.mjs").Provision} Provision */

/**
 * Sets `CELERIAC_MONGO_URL`; for a server we started ourselves also `CELERIAC_MONGO_BINARY`. Where there is no MongoDB,
 * FerretDB stands in for it: it has neither change streams nor indexes that expire.
 * @type {import("../service.mjs").Service}
 */
export const mongoService = {
  name: "mongo",
  title: "MongoDB",
  variable: "CELERIAC_MONGO_URL",
  fromEnvironment,
  finders: [fromBinary, fromDocker, fromGo],
  isUsable,
  stop,
};

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Provision>}
 */
async function fromEnvironment(env) {
  const url = env.CELERIAC_MONGO_URL ?? "";
  // What stands behind DNS is for the driver to find.
  const detail = url.startsWith("mongodb+srv:")
    ? withoutPassword(url)
    : await describe(url).catch((error) => {
        throw new Error(`CELERIAC_MONGO_URL is set, but no MongoDB answers there: ${error.message}`);
      });
  return { how: "environment", detail, env: { CELERIAC_MONGO_URL: url } };
}

/** @type {import("../service.mjs").Finder} */
async function fromBinary({ folder, port }) {
  const binary = findBinary("mongod");
  if (binary === undefined) return { notHere: "mongod is not on PATH" };
  const { pid, url } = await startMongod({ binary, folder, port: await port() });
  return ours(pid, url, binary);
}

/** @type {import("../service.mjs").Finder} */
async function fromDocker(context) {
  const port = String(await context.port());
  const problem = await composeUp("mongo", { CELERIAC_MONGO_PORT: port });
  if (problem !== undefined) return { notHere: problem };
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  await makeReplicaSet(url, "127.0.0.1:27017");
  return { how: "docker", detail: await describe(url), compose: "mongo", env: { CELERIAC_MONGO_URL: url } };
}

/** @type {import("../service.mjs").Finder} */
async function fromGo({ folder, port, announce }) {
  const built = await buildFerretdb(folder, announce);
  if ("notHere" in built) return built;
  const { pid, url } = await startFerretdb({ binary: built.binary, folder, port: await port() });
  return ours(pid, url, built.binary);
}

/**
 * @param {number} pid
 * @param {string} url
 * @param {string} binary
 * @returns {Promise<Provision>}
 */
async function ours(pid, url, binary) {
  const env = { CELERIAC_MONGO_URL: url, CELERIAC_MONGO_BINARY: binary };
  return { how: "binary", detail: `${await describe(url)}, pid ${pid}`, pid, env };
}

/** @param {Provision} provision */
async function isUsable(provision) {
  const answers = await describe(provision.env.CELERIAC_MONGO_URL ?? "").then(
    () => true,
    () => false,
  );
  return answers && (provision.pid === undefined || isOurs(provision));
}

/** @param {Provision} provision */
async function stop(provision) {
  if (provision.compose !== undefined) {
    const { port } = new URL(provision.env.CELERIAC_MONGO_URL ?? "mongodb://127.0.0.1");
    await composeDown(provision.compose, { CELERIAC_MONGO_PORT: port });
  } else if (provision.pid !== undefined && isOurs(provision)) {
    await endProcess(provision.pid);
    rmSync(join(servicesFolder, "mongo", "data"), { recursive: true, force: true });
  }
}

/**
 * Only a process of the program that we started is ours: the number may have been given to another.
 * @param {Provision} provision
 */
function isOurs({ pid = 0, env }) {
  return isProcessAlive(pid) && isRunningFrom(pid, env.CELERIAC_MONGO_BINARY ?? "");
}

/** @param {string} url */
async function describe(url) {
  const { version, ferretdbVersion } = await askMongo(url, { buildInfo: 1 });
  const name = ferretdbVersion === undefined ? "MongoDB" : "FerretDB 1.24 with SQLite, in place of MongoDB";
  return `${name} ${String(version)}, ${withoutPassword(url)}`;
}

/** @param {string} url */
function withoutPassword(url) {
  return url.replace(/\/\/[^@/]*@/, "//***@");
}
