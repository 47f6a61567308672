// @ts-check
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the checkout this file belongs to. */
export const workspaceRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * @param {...string} parts - Path below the checkout, one folder or file name each.
 * @returns {string} The absolute path.
 */
export function inWorkspace(...parts) {
  return join(workspaceRoot, ...parts);
}
