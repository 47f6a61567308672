// @ts-check
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * @typedef {object} Account - A user of the operating system.
 * @property {number} uid
 * @property {number} gid
 */

/**
 * Servers such as PostgreSQL refuse to run as root.
 * @param {readonly string[]} names - In order of preference.
 * @returns {Account | undefined} Undefined when we are not root and stay who we are.
 * @throws Error when we are root and nobody of that name exists.
 */
export function accountInsteadOfRoot(names) {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of names) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`it does not run as root, and there is no user ${names.join(" or ")}`);
}

/**
 * @param {string} folder
 * @returns {boolean} Whether anybody may pass through it and everything above.
 */
export function isOpenToAll(folder) {
  const isOpen = (statSync(folder).mode & 0o001) !== 0;
  return isOpen && (dirname(folder) === folder || isOpenToAll(dirname(folder)));
}
