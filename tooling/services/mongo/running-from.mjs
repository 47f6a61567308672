// @ts-check
import { readFileSync } from "node:fs";

/**
 * @param {number} pid
 * @param {string} binary - As it was started.
 * @returns {boolean} True as well where there is no /proc to ask.
 */
export function isRunningFrom(pid, binary) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] === binary;
  } catch {
    return true;
  }
}
