// @ts-check
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;
const TERM_GRACE_MS = 5_000;

/**
 * @param {number} pid
 * @returns {boolean}
 */
export function isProcessAlive(pid) {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * A process that has ended keeps its number until its parent looks; in a container the parent may never do so.
 * @param {number} pid
 * @returns {boolean} False where there is no /proc to ask.
 */
function isZombie(pid) {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/**
 * Asks a process to end with SIGTERM and, after five seconds of patience, ends it with SIGKILL.
 * @param {number} pid
 * @returns {Promise<void>} Resolves when the process is gone.
 */
export async function endProcess(pid) {
  signal(pid, "SIGTERM");
  const patience = performance.now() + TERM_GRACE_MS;
  while (isProcessAlive(pid) && performance.now() < patience) await sleep(POLL_MS);
  signal(pid, "SIGKILL");
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 */
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // already gone, which is what we want
  }
}
