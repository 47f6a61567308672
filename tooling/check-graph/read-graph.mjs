// @ts-check
import { listWorkspacePackages } from "../workspace/workspace-packages.mjs";
import { readBuiltImports } from "./read-built-imports.mjs";
import { readTypeImports } from "./read-type-imports.mjs";

/**
 * @param {string} root - Absolute path of a workspace that has been built.
 * @returns {Promise<import("./find-violations.mjs").Graph>}
 */
export async function readGraph(root) {
  const packages = listWorkspacePackages(root);
  const { imports, moduleCounts } = await readBuiltImports(root, packages);
  return { packages, moduleCounts, imports: [...imports, ...readTypeImports(packages, imports)] };
}
