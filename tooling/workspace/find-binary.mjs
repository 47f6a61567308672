// @ts-check
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * @param {string} name - A program, without folder.
 * @param {string} [path] - Folders to search. Default: PATH of this process.
 * @returns {string | undefined} Absolute path of the first executable file with that name.
 */
export function findBinary(name, path = process.env.PATH ?? "") {
  for (const folder of path.split(delimiter)) {
    if (folder === "") continue;
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}
