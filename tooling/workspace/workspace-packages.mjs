// @ts-check
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Manifest - The parts of a package.json that the tools read.
 * @property {string} name
 * @property {string} [version]
 * @property {boolean} [private]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [devDependencies]
 *
 * @typedef {object} WorkspacePackage
 * @property {string} name - As in its package.json.
 * @property {string} folder - Relative to the root, with forward slashes: `packages/core`.
 * @property {string} path - Absolute.
 * @property {Manifest} manifest
 */

/**
 * Lists the packages that pnpm-workspace.yaml names, sorted by folder.
 * @param {string} root - Absolute path of the workspace.
 * @returns {WorkspacePackage[]}
 */
export function listWorkspacePackages(root) {
  const folders = workspaceGlobs(root).flatMap((glob) => expand(root, glob));
  return [...new Set(folders)]
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .sort()
    .map((folder) => {
      const path = join(root, folder);
      const manifest = /** @type {Manifest} */ (JSON.parse(readFileSync(join(path, "package.json"), "utf8")));
      return { name: manifest.name, folder, path, manifest };
    });
}

/**
 * The `packages:` list of pnpm-workspace.yaml. Read by hand because this runs before anything is installed.
 * @param {string} root
 * @returns {string[]}
 */
function workspaceGlobs(root) {
  const lines = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8").split("\n");
  const start = lines.findIndex((line) => /^packages:\s*$/.test(line));
  /** @type {string[]} */
  const globs = [];
  for (const line of start === -1 ? [] : lines.slice(start + 1)) {
    const entry = /^\s+-\s+["']?([^"'\s]+)["']?\s*$/.exec(line);
    if (entry?.[1] === undefined) {
      if (line.trim() === "" || line.trim().startsWith("#")) continue;
      break;
    }
    globs.push(entry[1]);
  }
  return globs;
}

/**
 * @param {string} root
 * @param {string} glob - A folder, or a folder followed by `/*`: the only two forms in use here.
 * @returns {string[]}
 */
function expand(root, glob) {
  if (!glob.endsWith("/*")) return [glob];
  const parent = glob.slice(0, -2);
  if (!existsSync(join(root, parent))) return [];
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`);
}
