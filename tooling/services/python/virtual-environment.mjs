// @ts-check
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../workspace/run-command.mjs";
import { CELERY_VERSION } from "./celery-version.mjs";

/**
 * @param {string} python - The interpreter to copy.
 * @param {string} folder - Replaced when it exists.
 * @returns {Promise<string | undefined>} Undefined when the environment stands, else the reason why not.
 */
export async function createVirtualEnvironment(python, folder) {
  rmSync(folder, { recursive: true, force: true });
  const made = await runCommand(python, ["-m", "venv", folder], { quiet: true });
  return made.code === 0 ? undefined : `${python} -m venv failed: ${firstLine(made.output)}`;
}

/** Celery, and what its result stores in SQL and MongoDB need. */
const REQUIREMENTS = [
  `celery[redis,msgpack]==${CELERY_VERSION}`,
  "sqlalchemy>=2",
  "psycopg[binary]>=3.1",
  "pymysql>=1.1",
  "pymongo>=4.9",
];

/**
 * @param {string} folder - A virtual environment.
 * @returns {Promise<string | undefined>} Undefined when Celery is installed in it, else the reason why not.
 */
export async function installCelery(folder) {
  const patience = ["--retries", "2", "--timeout", "30"];
  const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...patience, ...REQUIREMENTS];
  const installed = await runCommand(interpreterIn(folder), args, { quiet: true });
  const names = REQUIREMENTS.join(", ");
  return installed.code === 0 ? undefined : `pip could not install ${names}: ${lastLine(installed.output)}`;
}

/**
 * @param {string} python - An interpreter.
 * @returns {Promise<boolean>} Whether Celery's result stores in PostgreSQL, MariaDB and MongoDB work with it.
 */
export async function hasStoreDrivers(python) {
  const { code } = await runCommand(python, ["-c", "import sqlalchemy, psycopg, pymysql, pymongo"], { quiet: true });
  return code === 0;
}

/** @param {string} folder */
export function interpreterIn(folder) {
  const windows = join(folder, "Scripts", "python.exe");
  return existsSync(windows) ? windows : join(folder, "bin", "python");
}

/** @param {string} text */
function firstLine(text) {
  return text.trim().split("\n")[0] ?? "";
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split("\n").at(-1) ?? "";
}
