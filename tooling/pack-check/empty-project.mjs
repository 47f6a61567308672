// @ts-check
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../workspace/run-command.mjs";

/**
 * Makes an empty project outside the workspace and installs tarballs into it with plain npm.
 * @param {string} folder
 * @param {readonly string[]} tarballs
 * @throws Error with npm's output when the install fails.
 */
export async function createProject(folder, tarballs) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "pack-check", private: true, type: "module" }));
  const args = ["install", "--no-audit", "--no-fund", ...tarballs];
  const { code, output } = await runCommand("npm", args, { cwd: folder, quiet: true });
  if (code !== 0) throw new Error(`npm install failed:\n${output}`);
}

/**
 * @param {string} folder - A project made by {@link createProject}.
 * @returns {string[]} `name@version` of everything npm put into node_modules, sorted.
 */
export function installedPackages(folder) {
  const lock = JSON.parse(readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8"));
  return Object.entries(/** @type {Record<string, { version: string }>} */ (lock.packages))
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, "")}@${version}`)
    .sort();
}
