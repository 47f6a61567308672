// @ts-check
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pnpm } from "../bootstrap/pnpm.mjs";

/**
 * Packs packages as they would be published.
 * @param {readonly import("../workspace/workspace-packages.mjs").WorkspacePackage[]} packages - Built.
 * @param {string} folder - Receives the tarballs.
 * @returns {Promise<string[]>} Absolute paths of the tarballs.
 * @throws Error with pnpm's output when a package cannot be packed.
 */
export async function packPackages(packages, folder) {
  mkdirSync(folder, { recursive: true });
  for (const { name, path } of packages) {
    const { code, output } = await pnpm(["pack", "--pack-destination", folder], { cwd: path, quiet: true });
    if (code !== 0) throw new Error(`pnpm pack failed for ${name}:\n${output}`);
  }
  const tarballs = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  if (tarballs.length !== packages.length) {
    throw new Error(`Packed ${packages.length} packages but found ${tarballs.length} tarballs in ${folder}.`);
  }
  return tarballs.map((file) => join(folder, file));
}
