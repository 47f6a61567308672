// @ts-check
import { readFileSync } from "node:fs";
import { runCommand } from "../workspace/run-command.mjs";

/** @type {Promise<unknown>} One apt-get at a time, whichever services ask. */
let queue = Promise.resolve();
let updated = false;

/**
 * Installs Debian packages, saying so first.
 * @param {readonly string[]} names
 * @param {(line: string) => void} announce
 * @returns {Promise<string | undefined>} Undefined when they are installed, else the reason why not.
 */
export function installDebianPackages(names, announce) {
  const refusal = whyNot();
  if (refusal !== undefined) return Promise.resolve(refusal);
  const turn = queue.then(() => install(names, announce));
  queue = turn;
  return turn;
}

/** @returns {string | undefined} */
function whyNot() {
  if (process.env.CELERIAC_NO_INSTALL === "1") return "CELERIAC_NO_INSTALL=1 forbids installing Debian packages";
  if (!isDebian()) return "this is not Debian, so nothing is installed for you";
  if (process.getuid?.() !== 0) return "installing Debian packages needs root";
  return undefined;
}

/** @returns {boolean} True for Debian and what calls itself like it (Ubuntu...). */
function isDebian() {
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

/**
 * @param {readonly string[]} names
 * @param {(line: string) => void} announce
 * @returns {Promise<string | undefined>}
 */
async function install(names, announce) {
  announce(`Installing Debian packages with apt-get: ${names.join(", ")}. (CELERIAC_NO_INSTALL=1 refuses this.)`);
  if (!updated) {
    const update = await aptGet(["update"]);
    if (update.code !== 0) return `apt-get update failed: ${lastLine(update.output)}`;
    updated = true;
  }
  const result = await aptGet(["install", "--yes", "--no-install-recommends", ...names]);
  return result.code === 0 ? undefined : `apt-get install ${names.join(" ")} failed: ${lastLine(result.output)}`;
}

/** @param {readonly string[]} args */
function aptGet(args) {
  const options = ["-qq", "-o", "DPkg::Lock::Timeout=120"];
  return runCommand("apt-get", [...options, ...args], { quiet: true, env: { DEBIAN_FRONTEND: "noninteractive" } });
}

/** @param {string} output */
function lastLine(output) {
  return output.trim().split("\n").at(-1) ?? "no output";
}
