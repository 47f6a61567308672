// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isProcessAlive } from "./process-life.mjs";
import { servicesFolder } from "./state-file.mjs";

const lockFile = join(servicesFolder, "lock");
const RETRY_MS = 100;

/**
 * Runs `body` while no other process changes the services of this checkout, so two `up` at once start one server.
 * A lock whose owner is dead is taken over.
 * @template T
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withServicesLock(body) {
  mkdirSync(servicesFolder, { recursive: true });
  while (!tryLock()) await sleep(RETRY_MS);
  try {
    return await body();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/** @returns {boolean} */
function tryLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const owner = readOwner();
    if (owner !== undefined && !isProcessAlive(owner)) rmSync(lockFile, { force: true });
    return false;
  }
}

/** @returns {number | undefined} Undefined when the lock is gone or its owner has not written its id yet. */
function readOwner() {
  try {
    const owner = Number(readFileSync(lockFile, "utf8"));
    return owner > 0 ? owner : undefined;
  } catch {
    return undefined;
  }
}
