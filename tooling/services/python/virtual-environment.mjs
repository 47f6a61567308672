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

/**
 * @param {string} folder - A virtual environment.
 * @returns {Promise<string | undefined>} Undefined when Celery is installed in it, else the reason why not.
 */
export async function installCelery(folder) {
  const patience = ["--retries", "2", "--timeout", "30"];
  const requirement = `celery[redis,msgpack]==${CELERY_VERSION}`;
  const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...patience, requirement];
  const installed = await runCommand(interpreterIn(folder), args, { quiet: true });
  return installed.code === 0 ? undefined : `pip could not install ${requirement}: ${lastLine(installed.output)}`;
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
