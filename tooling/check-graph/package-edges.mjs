// @ts-check
import { isRelative, nodeModuleOf, splitSpecifier } from "./package-import.mjs";

/** @typedef {import("./package-import.mjs").PackageImport} PackageImport */
/** @typedef {import("./package-import.mjs").WorkspacePackage} WorkspacePackage */

/**
 * @typedef {object} Edge
 * @property {WorkspacePackage} from
 * @property {string} to - Name of a package, of this workspace or not.
 * @property {boolean} typeOnly - True when every import between the two is of types.
 * @property {boolean} inWorkspace
 */

/**
 * Folds imports into one edge per pair of packages.
 * @param {readonly WorkspacePackage[]} packages
 * @param {readonly PackageImport[]} imports
 * @returns {Edge[]}
 */
export function packageEdges(packages, imports) {
  const names = new Set(packages.map(({ name }) => name));
  /** @type {Map<string, Edge>} */
  const edges = new Map();
  for (const { from, specifier, typeOnly } of imports) {
    if (isRelative(specifier) || nodeModuleOf(specifier) !== undefined) continue;
    const to = splitSpecifier(specifier).name;
    if (to === from.name) continue;
    const key = `${from.name} ${to}`;
    const known = edges.get(key);
    edges.set(key, { from, to, inWorkspace: names.has(to), typeOnly: typeOnly && (known?.typeOnly ?? true) });
  }
  return [...edges.values()];
}
