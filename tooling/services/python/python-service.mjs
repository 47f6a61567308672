// @ts-check
import { existsSync } from "node:fs";
import { findBinary } from "../../workspace/find-binary.mjs";
import { installDebianPackages } from "../debian-packages.mjs";
import { CELERY_VERSION, celeryVersion } from "./celery-version.mjs";
import { createVirtualEnvironment, hasStoreDrivers, installCelery, interpreterIn } from "./virtual-environment.mjs";

/** @typedef {import("../service.mjs").Provision} Provision */

/** Debian's own interpreter: the only one that sees Debian's Python packages. */
const DEBIAN_PYTHON = "/usr/bin/python3";

const DEBIAN_PACKAGES = [
  ...["python3-celery", "python3-redis", "python3-msgpack"],
  ...["python3-sqlalchemy", "python3-psycopg2", "python3-pymysql", "python3-pymongo"],
];

/**
 * Real Celery to talk to. Sets `CELERIAC_PYTHON`, an interpreter that can import celery, kombu and redis.
 * @type {import("../service.mjs").Service}
 */
export const pythonService = {
  name: "python",
  title: "Python Celery",
  variable: "CELERIAC_PYTHON",
  fromEnvironment,
  finders: [fromVirtualEnvironment, fromDebian],
  isUsable,
  stop: async () => undefined,
};

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Provision>}
 */
async function fromEnvironment(env) {
  const python = env.CELERIAC_PYTHON ?? "";
  const version = await celeryVersion(python);
  if (version === undefined) throw new Error(`CELERIAC_PYTHON=${python} cannot import celery, kombu and redis`);
  return describe("environment", python, version);
}

/**
 * Asked anew each time: an interpreter outlives an install that was interrupted.
 * @param {Provision} provision
 */
async function isUsable({ how, env }) {
  const python = env.CELERIAC_PYTHON ?? "";
  if ((await celeryVersion(python)) === undefined) return false;
  return how !== "python" || hasStoreDrivers(python);
}

/** @type {import("../service.mjs").Finder} */
async function fromVirtualEnvironment({ folder, announce }) {
  const python = interpreterIn(folder);
  const present = existsSync(python) ? await celeryVersion(python) : undefined;
  if (present?.celery === CELERY_VERSION) {
    // An environment of before our stores in SQL and MongoDB: what it is for works all the same if this fails.
    if (!(await hasStoreDrivers(python))) await installCelery(folder);
    return describe("python", python, present);
  }

  announce(`Making a Python environment with Celery ${CELERY_VERSION} in ${folder}`);
  const problem = (await makeEnvironment(folder, announce)) ?? (await installCelery(folder));
  if (problem !== undefined) return { notHere: problem };
  const made = await celeryVersion(interpreterIn(folder));
  if (made === undefined) return { notHere: `Celery was installed in ${folder} but cannot be imported` };
  return describe("python", interpreterIn(folder), made);
}

/** @type {import("../service.mjs").Finder} */
async function fromDebian({ announce }) {
  const problem = await installDebianPackages(DEBIAN_PACKAGES, announce);
  if (problem !== undefined) return { notHere: problem };
  const version = await celeryVersion(DEBIAN_PYTHON);
  if (version === undefined) return { notHere: `${DEBIAN_PYTHON} cannot import Debian's celery` };
  announce(`PyPI could not be used: the Python peer is Debian's Celery ${version.celery}, not ${CELERY_VERSION}.`);
  return describe("debian", DEBIAN_PYTHON, version);
}

/**
 * Uses the Python on PATH; where there is none, or it cannot make environments, Debian's.
 * @param {string} folder
 * @param {(line: string) => void} announce
 * @returns {Promise<string | undefined>}
 */
async function makeEnvironment(folder, announce) {
  const onPath = findBinary("python3");
  const problem = onPath === undefined ? "python3 is not on PATH" : await createVirtualEnvironment(onPath, folder);
  if (problem === undefined) return undefined;
  const refusal = await installDebianPackages(["python3", "python3-venv"], announce);
  return refusal === undefined ? createVirtualEnvironment(DEBIAN_PYTHON, folder) : `${problem}; ${refusal}`;
}

/**
 * @param {Provision["how"]} how
 * @param {string} python
 * @param {{ celery: string, python: string }} version
 * @returns {Provision}
 */
function describe(how, python, version) {
  const remark = version.celery === CELERY_VERSION ? "" : ` (the suites are written for ${CELERY_VERSION})`;
  return {
    how,
    detail: `Celery ${version.celery}${remark}, Python ${version.python}, ${python}`,
    env: { CELERIAC_PYTHON: python },
  };
}
